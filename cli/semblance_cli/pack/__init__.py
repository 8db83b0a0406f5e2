"""Packs of an owner's own: an embedder is measured on photos of people, and written as a pack.

All of it runs on this machine. numpy, onnxruntime and Pillow come with the extra `accuracy`, so
nothing imports this package before it is needed.
"""
