"""Deploys the stack into a local cloud, indexes two people and searches photos: `make demo`.

Every call goes to the deployed API over HTTP, through the `rekognition` client of boto3.
"""

import argparse
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps
from rich import box
from rich.table import Table

from semblance.contract import layout
from tools.checkout import CHECKOUT, LOCAL, PHOTOS
from tools.demo.annotate import annotated
from tools.local import waiting
from tools.local.cloud import Deployment, LocalCloud
from tools.local.emulator import CloudError, Emulator, free_port
from tools.terminal import complain, console, step

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import BoundingBoxTypeDef, FaceMatchTypeDef

STATE = LOCAL / "demo"
OUT = CHECKOUT / "out"
COLLECTION = "presidents"
PEOPLE = {"Barack_Obama": "obama.jpg", "Joe_Biden": "biden.jpg"}
DROPPED = "obama_partial_face2.jpg"
RESULT_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Probe:
    """A photo to search with; `about` relates it to the indexed ones."""

    name: str
    about: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    probe: Probe
    bounding_box: "BoundingBoxTypeDef"
    matches: "list[FaceMatchTypeDef]"

    @property
    def label(self) -> str:
        if not self.matches:
            return "no match"
        return f"{_name(self.matches[0])}  {self.matches[0]['Similarity']:.2f} %"


def main(arguments: Sequence[str] | None = None) -> int:
    argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__).parse_args(arguments)
    emulator = Emulator(directory=STATE, port=free_port())
    try:
        _stop_leftover()
        with LocalCloud(emulator, step) as deployment:
            show(deployment, OUT)
        console.print("The local cloud is stopped. To keep one running: [bold]make up[/]")
    except CloudError as problem:
        complain(problem)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; the local cloud is stopped.")
        return 130
    return 0


def _stop_leftover() -> None:
    """Stop the cloud of an earlier demo that was killed."""
    leftover = Emulator.running_in(STATE)
    if leftover:
        leftover.stop()


def show(deployment: Deployment, out: Path) -> None:
    """Show the demo on a deployed stack, and leave its pictures in `out`."""
    rekognition = deployment.client("rekognition")
    console.print(f"\nThe endpoint is [bold]{deployment.api_url}[/]\n", soft_wrap=True)
    with step(f"Indexing {' and '.join(PEOPLE.values())} into the collection {COLLECTION}"):
        index(rekognition)
    with step("Searching it with other photos"):
        findings = [search(rekognition, probe) for probe in probes()]
    console.print(table(findings))
    draw(findings, out)
    with step(f"Dropping {DROPPED} into the input bucket"):
        key, result = drop(deployment)
    console.print(f"\n[bold]s3://{deployment.results_bucket}/{key}[/]", soft_wrap=True)
    console.print(compact(result), markup=False, soft_wrap=True)
    rekognition.delete_collection(CollectionId=COLLECTION)
    console.print(f"\nThe searched photos, with their matches drawn, are in [bold]{out}[/]")


def index(rekognition: "RekognitionClient") -> None:
    rekognition.create_collection(CollectionId=COLLECTION)
    for name, photo in PEOPLE.items():
        rekognition.index_faces(
            CollectionId=COLLECTION,
            Image={"Bytes": (PHOTOS / photo).read_bytes()},
            ExternalImageId=name,
        )


def probes() -> list[Probe]:
    """Photos from easy to hard: how one relates to the indexed photos decides its similarity."""
    fetched = {
        "obama2.jpg": "another photo of Obama",
        "obama3.jpg": "another photo of Obama",
        "obama_partial_face.jpg": "half a face, cut from the indexed photo",
        "solvay_conference_1927.jpg": "29 physicists, neither of them; a search takes "
        "the largest face",
    }
    found = [Probe(name, about, (PHOTOS / name).read_bytes()) for name, about in fetched.items()]
    return [*found[:3], _altered_biden(), *found[3:]]


def _altered_biden() -> Probe:
    """There is only one sample photo of Biden, so the demo searches an altered copy of it."""
    with Image.open(PHOTOS / PEOPLE["Joe_Biden"]) as photo:
        upper = photo.crop((0, 0, photo.width * 9 // 10, photo.height // 2))
        small = upper.resize((upper.width // 3, upper.height // 3), Image.Resampling.LANCZOS)
        content = io.BytesIO()
        ImageOps.mirror(small).save(content, "JPEG", quality=75)
    about = "made from the indexed photo: mirrored, cropped, a third of the size, re-encoded"
    return Probe("biden_altered.jpg", about, content.getvalue())


def search(rekognition: "RekognitionClient", probe: Probe) -> Finding:
    reply = rekognition.search_faces_by_image(
        CollectionId=COLLECTION, Image={"Bytes": probe.content}
    )
    return Finding(probe, reply["SearchedFaceBoundingBox"], reply["FaceMatches"])


def table(findings: list[Finding]) -> Table:
    """A table of 80 columns: the description of a value stands below it."""
    made = Table("Searched with", box=box.SIMPLE_HEAD, show_edge=False)
    made.add_column("Match, face id", no_wrap=True)
    made.add_column("Similarity", justify="right", no_wrap=True)
    for finding in findings:
        photo = f"{finding.probe.name}\n[dim]{finding.probe.about}[/]"
        if not finding.matches:
            made.add_row(photo, "[dark_orange3]no match above 80 %[/]")
        for match in finding.matches:
            who = f"[green]{_name(match)}[/]\n[dim]{match['Face']['FaceId']}[/]"
            made.add_row(photo, who, f"{match['Similarity']:.2f} %")
            photo = ""
        made.add_section()
    return made


def draw(findings: list[Finding], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for finding in findings:
        with Image.open(io.BytesIO(finding.probe.content)) as photo:
            # The boxes of a reply are those of the upright photo.
            upright = ImageOps.exif_transpose(photo)
        picture = annotated(
            upright, finding.bounding_box, finding.label, found=bool(finding.matches)
        )
        picture.save(out / finding.probe.name, quality=90)


def drop(deployment: Deployment) -> tuple[str, object]:
    """Upload a photo. That alone starts the search, and its result is an object as well."""
    s3 = deployment.client("s3")
    key = layout.photo_key(layout.SEARCH, COLLECTION, DROPPED)
    s3.upload_file(str(PHOTOS / DROPPED), deployment.input_bucket, key)
    try:
        found = waiting.result(s3, deployment.results_bucket, key, seconds=RESULT_TIMEOUT_S)
    except TimeoutError as exc:
        raise CloudError(f"{exc}. The worker logs to {deployment.emulator.log}.") from exc
    return layout.result_name(key), found


def compact(document: object) -> str:
    """JSON with each innermost object on one line: boxes and landmarks would fill the screen."""
    indented = json.dumps(document, indent=2)
    return re.sub(r"\{[^{}]*\}", lambda found: " ".join(found[0].split()), indented)


def _name(match: "FaceMatchTypeDef") -> str:
    return match["Face"]["ExternalImageId"].replace("_", " ")
