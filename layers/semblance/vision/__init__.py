"""From the bytes of a picture to its faces: the only place that runs models."""
