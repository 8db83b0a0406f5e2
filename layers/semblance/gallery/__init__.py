"""The gallery: a collection's embeddings in memory, kept current, and the scan over them."""
