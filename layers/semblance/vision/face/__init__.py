"""One face in a picture: landmarks, alignment, embedding, quality and attributes."""
