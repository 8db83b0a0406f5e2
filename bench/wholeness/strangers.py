"""Pictures without a face: those in which one is found, and those from which one is stored."""

from collections.abc import Iterable

from bench.wholeness.looking import Looker, described
from bench.wholeness.tally import Tally


def taken_for_faces(looker: Looker, pictures: Iterable[tuple[str, bytes]], label: str) -> Tally:
    """Stored: `IndexFaces` with QualityFilter AUTO would keep it. Found: a search would ask with
    it, or `DetectFaces` report it."""
    tally = Tally("no face", label, ("stored", "found"))
    for name, image in pictures:
        look = looker.look(name, image)
        faces = look.faces or ([look.largest] if look.largest else [])
        kept = [face for face in faces if looker.is_kept(face)]
        tally.passed()
        if faces:
            tally.note("found", f"{name}: {described(faces[0])}")
        if kept:
            tally.note("stored", f"{name}: {described(kept[0])}")
    return tally
