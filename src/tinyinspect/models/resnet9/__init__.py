"""ResNet-9: a stem and four residual blocks."""
