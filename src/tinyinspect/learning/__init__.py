"""Augmentation, self-supervised pretraining and supervised training."""
