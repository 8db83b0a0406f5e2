"""Paths of this checkout, for the programs that run from it."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
LOCAL = CHECKOUT / ".local"
"""Everything that `make` fetches and that running programs leave."""
MODELS = LOCAL / "models"
PHOTOS = LOCAL / "photos"
