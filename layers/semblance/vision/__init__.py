"""From the bytes of a picture to its faces. Models run here and nowhere else."""
