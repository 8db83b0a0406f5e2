"""Finding the faces of a picture: the detectors and the rules around them."""
