"""A picture: decoded, and its pixels at the scales that readers ask for."""
