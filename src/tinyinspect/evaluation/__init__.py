"""Metrics with intervals, on every runtime side by side."""
