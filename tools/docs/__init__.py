"""The generated pages of the documentation: `python -m tools.docs` writes them anew."""
