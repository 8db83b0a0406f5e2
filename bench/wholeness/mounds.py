"""Heaps of photographed fruit: cut-outs of the fetched sets, strewn over a canvas."""

from collections.abc import Iterator

from numpy.random import Generator, default_rng
from PIL import Image, ImageEnhance

from bench.wholeness.pictures import FETCHED, as_jpeg

CUT_OUT = FETCHED / "fruit" / "tuxpaint" / "food"
FRUITS = (
    "Apricot_whole", "apricot", "kiwi", "mandarine", "orange_seville", "cherimoya", "avocado",
    "Strawberry2", "Cherry_Stella",
)  # fmt: skip
SIZES = ((320, 240), (480, 640), (640, 480), (800, 800))


def mounds(each: int) -> Iterator[tuple[str, bytes]]:
    """`each` pictures of every fruit and as many of all together, with their names."""
    cut_outs = {path.stem: Image.open(path).convert("RGBA") for path in CUT_OUT.rglob("*.png")}
    kinds = {name: [cut_outs[name]] for name in FRUITS if name in cut_outs}
    kinds["mixed"] = [image for images in kinds.values() for image in images]
    for place, (name, images) in enumerate(kinds.items()):
        for number in range(each):
            luck = default_rng(500_000 + 1000 * place + number)
            yield f"{name}-{number}", as_jpeg(_strewn(images, luck), int(luck.integers(80, 96)))


def _strewn(images: list[Image.Image], luck: Generator) -> Image.Image:
    width, height = SIZES[luck.integers(len(SIZES))]
    ground = tuple(int(each) for each in luck.uniform(10, 220, 3))
    canvas = Image.new("RGB", (width, height), ground)
    side = min(width, height) * luck.uniform(0.15, 0.5)
    number = int(min(max(2.5 * width * height / side**2, 8), 80))
    for _ in range(number):
        image = images[luck.integers(len(images))]
        scale = side * luck.uniform(0.85, 1.15) / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        piece = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
        piece = piece.rotate(luck.uniform(0, 360), Image.Resampling.BICUBIC, expand=True)
        lit = ImageEnhance.Brightness(piece).enhance(luck.uniform(0.7, 1.15))
        place = (int(luck.uniform(-0.3, 1) * width), int(luck.uniform(-0.3, 1) * height))
        canvas.paste(lit, place, piece.getchannel("A"))
    return canvas
