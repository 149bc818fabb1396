"""DSP audience products: insights on expressions, discovery, overlap, combined audiences. Knows no tokens."""
