"""What a model is for: one package a task, behind the protocol of :mod:`tinyinspect.tasks.protocol`."""
