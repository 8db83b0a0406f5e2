"""A face in a picture: its landmarks, embedding, quality and attributes."""
