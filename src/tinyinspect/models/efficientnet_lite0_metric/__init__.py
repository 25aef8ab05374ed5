"""EfficientNet-Lite0 with a linear head."""
