"""Own-box crops: each face cut to the box that was reported, and looked for in its crop again."""

from collections.abc import Iterable, Iterator

from PIL import Image

from bench.wholeness.looking import Face, Look, Looker, cosine
from bench.wholeness.pictures import Photo, as_jpeg, as_png, opened
from bench.wholeness.tally import Tally
from semblance.model.detected import Box

MIN_SIDE_PX = 80
"""The least side of a picture."""
FOUND = 80.0
"""The similarity from which a face is found as itself."""
KINDS = ("wrong", "several", "none")


def own_boxes(looker: Looker, photos: Iterable[Photo], label: str) -> Tally:
    """Wrong: the largest face of the crop, either way, is not the face that was cropped."""
    tally = Tally("own-box crops", label, KINDS)
    for photo in photos:
        image = photo.read()
        picture = opened(image)
        for place, face in enumerate(looker.look(photo.name, image, remember=True).faces):
            crop = own_box(picture, face.box)
            if crop is None:
                continue
            for ending, data in (("", as_png(crop)), (" as JPEG", as_jpeg(crop))):
                _judge(looker, face, f"{photo.name}#{place}{ending}", data, tally)
    return tally


def own_box(picture: Image.Image, box: Box) -> Image.Image | None:
    """None for a face whose box, or whose crop, is too small to be a picture."""
    left, top = box.left * picture.width, box.top * picture.height
    right, bottom = left + box.width * picture.width, top + box.height * picture.height
    if min(right - left, bottom - top) < MIN_SIDE_PX:
        return None
    edges = (max(0, int(left)), max(0, int(top)))
    ends = (min(picture.width, int(right)), min(picture.height, int(bottom)))
    crop = picture.crop((*edges, *ends))
    return crop if min(crop.size) >= MIN_SIDE_PX else None


def _judge(looker: Looker, face: Face, name: str, crop: bytes, tally: Tally) -> None:
    look = looker.look(name, crop)
    kind = next(_kinds(looker, face, look), None)
    if kind is None:
        tally.passed()
    else:
        cosines = ", ".join(f"{cosine(face, each):.2f}" for each in look.faces)
        largest = f"{cosine(face, look.largest):.2f}" if look.largest else "none"
        tally.fails(kind, f"{name}: all [{cosines}], largest {largest}")


def _kinds(looker: Looker, face: Face, look: Look) -> Iterator[str]:
    if not look.faces or look.largest is None:
        yield "none"
    elif any(looker.similarity(face, each) < FOUND for each in (look.faces[0], look.largest)):
        yield "wrong"
    elif len(look.faces) > 1:
        yield "several"
