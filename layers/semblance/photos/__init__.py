"""A photo dropped into the input bucket: what happens to it, and its outcome."""
