"""An owner's pack directory, as `semblance pack add` writes it, with any bytes for its files."""

import hashlib
from pathlib import Path

_MANIFEST = """\
[files."mine.onnx"]
about = "an embedder of ours"
sha256 = "{weights}"
licence = "Ours alone"
prepared_sha256 = "{weights}"

[networks.mine]
file = "mine.onnx"
channels = "RGB"
mean = 0.0
scale = 1.0

[embedders.mine]
model_id = "mine-1"
branches = [{{ network = "mine", weight = 1.0 }}]
basis = {{ file = "mine.npy", sha256 = "{basis}" }}
codec = {{ size = {size}, largest = 0.5, margin = 0.01 }}
calibration = [[0.0, 0.0], [0.4, 80.0], [1.0, 100.0]]

[packs.{name}]
detector = "yunet"
landmarks = "ibug68"
eyes = "lids24"
judge = "mobilefacenet"
embedder = "mine"
quality = "faces"
"""


def write_own_pack(
    directory: Path, weights: bytes, basis: bytes, *, name: str = "mine", size: int = 96
) -> Path:
    directory.mkdir(parents=True)
    (directory / "mine.onnx").write_bytes(weights)
    (directory / "mine.npy").write_bytes(basis)
    sums = {"weights": weights, "basis": basis}
    digests = {key: hashlib.sha256(content).hexdigest() for key, content in sums.items()}
    manifest = _MANIFEST.format(name=name, size=size, **digests)
    (directory / "manifest.toml").write_text(manifest)
    return directory
