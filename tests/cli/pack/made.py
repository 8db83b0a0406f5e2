"""Faces and vectors with known answers: people around random centres."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semblance.embedding.codec import pack
from semblance_cli.accuracy.people import Photo
from semblance_cli.pack.photos import Face


def crowd(
    people: int, photos: int, *, numbers: int = 128, rank: int | None = None, spread: float = 0.6,
    seed: int = 0,
) -> tuple[np.ndarray, list[Face]]:  # fmt: skip
    """Unit vectors (people x photos, numbers) within `rank` directions, and faces to go with
    them. `spread`: distance of a person's photos from each other."""
    chance = np.random.default_rng(seed)
    rank = rank or numbers
    turned, _ = np.linalg.qr(chance.standard_normal((numbers, numbers)))
    strength = np.linspace(1.5, 0.5, rank)
    centres = np.repeat(chance.standard_normal((people, rank)), photos, axis=0)
    vectors = (centres + spread * chance.standard_normal(centres.shape)) * strength
    units = vectors @ turned[:rank]
    units = (units / np.linalg.norm(units, axis=1, keepdims=True)).astype(np.float32)
    return units, [face(f"person-{place // photos:05}", place % photos, unit)
                   for place, unit in enumerate(units)]  # fmt: skip


def face(person: str, number: int, unit: np.ndarray) -> Face:
    file = f"{person}/{number}.jpg"
    crop = np.zeros((112, 112, 3), np.uint8)
    return Face(Photo(file, Path(file), person), file, crop, pack(unit))
