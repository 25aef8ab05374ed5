"""MobileNetV2 with a linear head."""
