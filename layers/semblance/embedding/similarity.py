"""The similarity scale: a cosine as the 0 to 100 that Rekognition's clients compare with 80 or 99.

The curve belongs to the model pack: it is measured on the pack's embeddings, so that 80 stands
for a lenient and 99 for a strict false match rate.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class SimilarityScale:
    def __init__(self, knots: Sequence[tuple[float, float]]) -> None:
        """`knots`: (cosine, similarity), ascending in both, the last of them (1, 100)."""
        self._cosines, self._similarities = np.asarray(knots, np.float64).T

    def similarities(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        similarities = np.interp(cosines, self._cosines, self._similarities)
        narrow: NDArray[np.float32] = similarities.astype(np.float32)
        return narrow

    def least_cosine(self, similarity: float) -> float:
        """The cosine of this similarity (0 to 100); for the lowest of the scale -1, which admits
        every face."""
        if similarity <= self._similarities[0]:
            return -1.0
        return float(np.interp(similarity, self._similarities, self._cosines))
