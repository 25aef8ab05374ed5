"""TensorFlow, imported without its remarks about missing GPUs."""

from tinyinspect.conversion.quiet import quiet

with quiet():
    import tensorflow as tf

__all__ = ["tf"]
