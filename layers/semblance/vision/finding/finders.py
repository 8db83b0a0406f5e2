"""Builds the finder of a pack, with the kind of detector that the pack names."""

from __future__ import annotations

from collections.abc import Callable

from semblance.vision.face.judge import Judge
from semblance.vision.face.landmarks import Landmarker
from semblance.vision.finding.detections import Detector
from semblance.vision.finding.finder import Finder
from semblance.vision.finding.rfb import RfbDetector
from semblance.vision.finding.scrfd import ScrfdDetector
from semblance.vision.finding.spread import Spread
from semblance.vision.finding.turned import TurningFinder
from semblance.vision.finding.yunet import YunetDetector
from semblance.vision.network import Network
from semblance.vision.packs.specs import DetectorSpec, ModelPack, PackError

KINDS: dict[str, Callable[[DetectorSpec, Network], Detector]] = {
    "rfb": RfbDetector,
    "scrfd": ScrfdDetector,
    "yunet": YunetDetector,
}


def make_finder(pack: ModelPack, spread: Spread) -> TurningFinder:
    """Raises PackError for an unknown kind of detector."""
    spec = pack.detector
    if spec.kind not in KINDS:
        raise PackError(f"pack {pack.name} names a detector {spec.kind!r}: {', '.join(KINDS)}")
    detector = KINDS[spec.kind](spec, Network(spec.net, threads=spread.threads))
    landmarker = Landmarker(Network(pack.landmarks, threads=1))
    judge = Judge(Network(pack.judge, threads=1))
    return TurningFinder(Finder(spec, detector, landmarker, judge, spread), spec.turned)
