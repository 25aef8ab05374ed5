"""Which frames to label, and which to test on: embeddings, coreset, splits, annotations, the labelled set."""
