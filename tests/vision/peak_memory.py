"""A program: finds the faces in the named file and prints its peak resident memory."""

import sys
from pathlib import Path

from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack


def main(pack: str, models: str, file: str) -> None:
    engine = Engine(load_pack(pack, Path(models)), threads=2)
    picture = Path(file).read_bytes()
    engine.find_faces(picture, largest_only=True)
    faces = engine.find_faces(picture, attributes=["EYES_OPEN"])
    engine.embed(faces)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    sys.stdout.write(f"{len(faces)} {int(peak) // 1024}")


if __name__ == "__main__":
    main(*sys.argv[1:])
