"""The kinds of detector that a pack may name."""

from __future__ import annotations

from collections.abc import Callable

from semblance.vision.embed import Embedder
from semblance.vision.found import Finder
from semblance.vision.landmarks import Landmarker
from semblance.vision.network import Network
from semblance.vision.pack import DetectorSpec, ModelPack, PackError
from semblance.vision.rfb import RfbFinder
from semblance.vision.scrfd import ScrfdFinder
from semblance.vision.turned import TurningFinder

KINDS: dict[str, Callable[[DetectorSpec, Network, Landmarker, Embedder], Finder]] = {
    "rfb": RfbFinder,
    "scrfd": ScrfdFinder,
}


def make_finder(pack: ModelPack, *, threads: int) -> Finder:
    kind = pack.detector.kind
    if kind not in KINDS:
        raise PackError(f"pack {pack.name} names a detector {kind!r}: {', '.join(KINDS)}")
    finder = KINDS[kind](
        pack.detector,
        Network(pack.detector.net, threads=threads),
        Landmarker(Network(pack.landmarks, threads=threads)),
        Embedder(pack.embedder, Network(pack.embedder.net, threads=threads)),
    )
    return TurningFinder(finder, pack.detector.turned_norm)
