"""Builds the finder of a pack, by the kind of detector that the pack names."""

from __future__ import annotations

from semblance.vision.face.judge import Judge
from semblance.vision.face.landmarks import Landmarker
from semblance.vision.finding.finder import Finder
from semblance.vision.finding.rfb import RfbFinder
from semblance.vision.finding.rfb_detector import RfbDetector
from semblance.vision.finding.scrfd import ScrfdFinder
from semblance.vision.finding.scrfd_detector import ScrfdDetector
from semblance.vision.finding.spread import Spread
from semblance.vision.finding.turned import TurningFinder
from semblance.vision.network import Network
from semblance.vision.packs.specs import ModelPack, PackError

KINDS = {"rfb": (RfbFinder, RfbDetector), "scrfd": (ScrfdFinder, ScrfdDetector)}


def make_finder(pack: ModelPack, spread: Spread) -> Finder:
    """Raises PackError for an unknown kind of detector."""
    kind = pack.detector.kind
    if kind not in KINDS:
        raise PackError(f"pack {pack.name} names a detector {kind!r}: {', '.join(KINDS)}")
    finder, detector = KINDS[kind]
    return TurningFinder(
        finder(
            pack.detector,
            detector(pack.detector, Network(pack.detector.net, threads=spread.threads)),
            Landmarker(Network(pack.landmarks, threads=1)),
            Judge(Network(pack.judge, threads=1)),
            spread,
        ),
        pack.detector.turned_norm,
    )
