"""Embeddings: how they are stored and coded, and how similar two of them are."""
