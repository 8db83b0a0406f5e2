"""The model weights and the sample photos: fetched from pinned packages, checked, prepared."""
