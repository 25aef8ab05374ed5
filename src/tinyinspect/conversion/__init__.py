"""PyTorch to ONNX, TensorFlow and TFLite, every step checked against the one before."""
