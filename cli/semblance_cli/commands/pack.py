"""pack add: makes a model pack of an owner's own embedder. docs/own-embedder.md says which networks
fit, and how to choose the photos."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from semblance_cli import values
from semblance_cli.problems import CommandError
from semblance_cli.terminal import count, first, note, output, progress
from semblance_cli.usage import Parser

if TYPE_CHECKING:
    from semblance.vision.packs.specs import ModelPack
    from semblance_cli.accuracy.people import Photo
    from semblance_cli.pack.adding import Added, Request
    from semblance_cli.pack.candidate import Candidate
    from semblance_cli.pack.inputs import Choice
    from semblance_cli.pack.making import Measured
    from semblance_cli.pack.photos import Found
    from semblance_cli.pack.work import Work

_LIBRARIES = ("numpy", "onnxruntime", "PIL")
_INCOMPLETE = (
    'This command needs the extra `accuracy`: pip install ".[cli,accuracy]" in a checkout, or '
    "pip install 'semblance-VERSION-py3-none-any.whl[cli,accuracy]'"
)
_MODELS, _PACKS, _WORK = Path(".local/models"), Path("packs"), Path("semblance-pack-work")
_FACES = ["largest", "central"]
_FACES_FILE = "faces.sqlite"
_NAME = re.compile("[a-z][a-z0-9-]{0,31}")
_BASE = "open"
_SURE = 99.0
FEWEST_PEOPLE, FEWEST_WITH_TWO = 30, 10


def add_to(parser: Parser) -> None:
    packs = parser.add_command(
        "pack",
        "make a model pack of your own embedder",
        synopsis="COMMAND ...",
        examples=(_EXAMPLE,),
    )
    command = packs.add_command(
        "add",
        "measure an embedder on photos of people, and write it as a pack",
        about="Takes the ONNX file of any network that turns an aligned face of 112 x 112 pixels "
        "into one vector (ArcFace, AdaFace and their like). Finds out how it wants its pixels, how "
        "many of its numbers matter and which cosine means which similarity; checks that a "
        "function can bear it; and writes a directory for `cdk deploy -c model_pack=DIR`. Reads "
        "the photos on this machine and uploads nothing. Run it again after an interruption: it "
        "goes on.",
        synopsis="[OPTIONS] FILE --licence TEXT --calibrate FOLDER",
        examples=(
            _EXAMPLE,
            "semblance pack add r50.onnx --licence MIT --calibrate people --size 256",
            "semblance pack add r50.onnx --licence MIT --calibrate more --recalibrate",
        ),
    )
    _add_arguments(command)
    _add_overrides(command)
    command.set_defaults(run=run)


_EXAMPLE = 'semblance pack add r50.onnx --licence "MIT, Example Ltd" --calibrate people'


def _add_arguments(command: Parser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="the network, as one ONNX file")
    command.add_argument(
        "--licence",
        required=True,
        metavar="TEXT",
        help="the licence of the weights, which the stack's output ModelLicence shows",
    )
    command.add_argument(
        "--calibrate",
        required=True,
        type=Path,
        metavar="FOLDER",
        help="a folder with a folder for each person, or a CSV file with the columns photo and "
        f"person; {FEWEST_PEOPLE} people at least, and better some thousand",
    )
    command.add_argument(
        "--name",
        type=values.like(_NAME, "a name"),
        default="mine",
        help="of the pack (default: mine)",
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help=f"write to this folder (default: {_PACKS}/NAME)"
    )
    command.add_argument(
        "--base",
        default=_BASE,
        metavar="PACK",
        help=f"the pack whose detector and judge go with it (default: {_BASE})",
    )
    command.add_argument(
        "--face",
        choices=_FACES,
        default=_FACES[0],
        help="in photos of several people, the face that belongs to the name (default: largest)",
    )
    command.add_argument(
        "--recalibrate",
        action="store_true",
        help="keep all of the pack in DIR but its curve, so that stored faces stay",
    )
    command.add_argument(
        "--work",
        type=Path,
        default=_WORK,
        metavar="DIR",
        help=f"keep faces here until the pack is written (default: {_WORK})",
    )
    command.add_argument(
        "--parallel",
        type=values.number(int, 1, 256),
        default=os.cpu_count() or 1,
        metavar="N",
        help="read this many photos at once (default: as many as there are processors)",
    )
    command.add_argument(
        "--models",
        type=Path,
        default=_MODELS,
        metavar="DIR",
        help=f"the weights that `make fetch` has fetched (default: {_MODELS})",
    )


def _add_overrides(command: Parser) -> None:
    group = command.add_argument_group("if you know better", "Each is measured unless you give it.")
    group.add_argument("--channels", choices=["RGB", "BGR"], help="the order of the channels")
    group.add_argument(
        "--mean", type=values.number(float, -255, 255), metavar="X", help="subtracted from a pixel"
    )
    group.add_argument(
        "--scale", type=values.number(float, 1e-6, 1e6), metavar="X", help="divides it then"
    )
    group.add_argument(
        "--size",
        type=values.number(int, 16, 2048),
        metavar="N",
        help="numbers to keep of a vector (default: as few as lose nothing)",
    )


def run(options: argparse.Namespace) -> int:
    _require_libraries()
    from semblance.vision.packs.loading import load_pack
    from semblance.vision.packs.specs import PackError
    from semblance_cli.accuracy import people
    from semblance_cli.pack import adding, limits, written
    from semblance_cli.pack.work import Work

    directory = _directory(options)
    try:
        base_name = written.base_of(directory) if options.recalibrate else options.base
        base = load_pack(base_name, options.models)
        limits.warm_up(base)
        before = limits.peak_bytes()
        candidate = _examined(options)
        photos = people.read(options.calibrate).photos
        request = _request(options, base, directory, candidate, limits.peak_bytes() - before)
        with _kept(options.work) as path, Work(path) as work:
            found = _found(options, photos, base, work)
            _refuse_few(found)
            added = adding.add(request, found.faces, work, _step)
    except PackError as error:
        raise CommandError(
            f"{error}. Run `make fetch` in your checkout of Semblance, and this command there or "
            "with --models CHECKOUT/.local/models."
        ) from error
    _print(found, added, request)
    _forget(options.work)
    return int(bool(added.warnings))


def _require_libraries() -> None:
    if any(importlib.util.find_spec(name) is None for name in _LIBRARIES):
        raise CommandError(_INCOMPLETE)


def _directory(options: argparse.Namespace) -> Path:
    """Where the pack goes. Raises CommandError when it must not go there."""
    from semblance_cli.pack.written import base_names, taken_names

    if options.base not in base_names():
        names = ", ".join(base_names())
        raise CommandError(f"--base {options.base} is none of Semblance's packs: {names}.")
    if options.name in taken_names():
        raise CommandError(f"--name {options.name} is a name of Semblance's own: choose another.")
    directory: Path = options.out or _PACKS / options.name
    given = (options.channels, options.mean, options.scale, options.size)
    if options.recalibrate and any(each is not None for each in given):
        raise CommandError("--recalibrate keeps channels, mean, scale and size: give none of them.")
    if options.recalibrate and not directory.is_dir():
        raise CommandError(f"There is no pack in {directory} to calibrate again.")
    if directory.exists() and not options.recalibrate:
        raise CommandError(
            f"{directory} is there already: choose another --name or --out, or calibrate it again "
            "with --recalibrate. A new pack cannot read faces that this one has stored."
        )
    return directory


def _examined(options: argparse.Namespace) -> Candidate:
    from semblance_cli.pack import candidate

    return candidate.examine(options.file)


def _request(
    options: argparse.Namespace,
    base: ModelPack,
    directory: Path,
    candidate: Candidate,
    memory_bytes: int,
) -> Request:
    from semblance.embedding.similarity import SimilarityScale
    from semblance_cli.pack.adding import Request
    from semblance_cli.pack.written import Naming

    return Request(
        candidate=candidate,
        memory_bytes=memory_bytes,
        sure=SimilarityScale(base.embedder.calibration).least_cosine(_SURE),
        naming=Naming(options.name, options.licence, base.name),
        directory=directory,
        recalibrate=options.recalibrate,
        channels=options.channels,
        mean=options.mean,
        scale=options.scale,
        size=options.size,
        parallel=options.parallel,
    )


def _forget(folder: Path) -> None:
    """The faces alone: the folder may be one that the owner has other files in."""
    from semblance_cli.accuracy import cache

    cache.erase(folder / _FACES_FILE)
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def _kept(folder: Path) -> Iterator[Path]:
    """The file that faces are kept in. It stays when the command does not end well."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot be made: {error.strerror}") from error
    try:
        yield folder / _FACES_FILE
    except BaseException:
        note(
            f"Stopped. The same command goes on from here. {folder} holds faces of your people: "
            "delete it if you do not go on."
        )
        raise


@contextmanager
def _step(title: str, total: int) -> Iterator[Callable[[], None]]:
    with progress() as bar:
        task = bar.add_task(title, total=total or None)
        yield lambda: bar.advance(task)


def _found(
    options: argparse.Namespace, photos: Sequence[Photo], base: ModelPack, work: Work
) -> Found:
    from semblance.vision.engine import Engine
    from semblance_cli.accuracy import cache
    from semblance_cli.pack import photos as calibration

    fingerprint = cache.fingerprint(base, options.models)
    with _step("Finding", len(photos)) as advanced:
        return calibration.find(
            photos,
            Engine(base),
            fingerprint,
            work,
            whose=options.face,
            parallel=options.parallel,
            advanced=advanced,
        )


def _refuse_few(found: Found) -> None:
    faces = Counter(face.photo.person for face in found.faces)
    several = sum(number > 1 for number in faces.values())
    if len(faces) < FEWEST_PEOPLE or several < FEWEST_WITH_TWO:
        raise CommandError(
            f"There are faces of {len(faces)} people, {several} of them in several photos, and "
            f"{count(len(found.refused), 'photo')} without one. It takes {FEWEST_PEOPLE} people, "
            f"{FEWEST_WITH_TWO} of them in several photos, to find out how a network wants its "
            "pixels, and better some thousand to calibrate it."
        )


def _print(found: Found, added: Added, request: Request) -> None:
    from semblance_cli.pack import wording

    out = output()
    for line in first([f"  {each}" for each in found.refused], "  "):
        note(line)
    out.print(
        f"[bold]{count(len(found.faces), 'face')}[/] of {added.measured.people:,} people, "
        f"{added.measured.people_with_pairs:,} of them in several photos; "
        f"{count(len(found.refused), 'photo')} without a face to measure"
    )
    if added.twice:
        out.print("Left out, since both embedders take them for a person with another name:")
        alike = [f"  {each.left_out} is like {each.like}" for each in added.twice]
        out.print("\n".join(first(alike, "  ")), markup=False, soft_wrap=True)
    out.print(wording.input_chosen(added.choice), markup=False, soft_wrap=True)
    if added.choice.trials:
        out.print(_trials(added.choice))
    out.print(wording.size_chosen(added), markup=False, soft_wrap=True)
    out.print(_sizes(added.measured))
    out.print(wording.codes(added), markup=False, soft_wrap=True)
    out.print(_curve(added.measured))
    for line in wording.curve(added.measured):
        out.print(line, markup=False, soft_wrap=True)
    out.print(_compared(added.measured, request.naming.base))
    out.print(wording.weight(added), markup=False, soft_wrap=True)
    for warning in added.warnings:
        out.print(f"[bold yellow]Warning:[/] {warning}", soft_wrap=True)
    for line in wording.written(request):
        note(line)


def _trials(choice: Choice) -> Table:
    table = Table("input", "d'", "behind the best", box=SIMPLE_HEAD, show_edge=False)
    for trial in choice.trials:
        behind = f"{trial.behind:.3f} +- {trial.error:.3f}" if trial.behind else ""
        table.add_row(str(trial.input), f"{trial.separation:.3f}", behind)
    return table


def _sizes(measured: Measured) -> Table:
    from semblance_cli.accuracy import wording

    far = f"TAR at FAR {wording.small(measured.sizes_far)}"
    columns = ("numbers", "cosine changes by (sd)", "at most", far)
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False)
    for each in measured.sizes:
        loss = each.loss
        row = (f"{loss.size}", f"{loss.deviation:.5f}", f"{loss.most:.5f}", wording.tar(each.tar))
        table.add_row(*row)
    return table


def _curve(measured: Measured) -> Table:
    from semblance_cli.accuracy import wording

    columns = ("similarity", "cosine", "for a FAR of", "seen (95 %)", "TAR (95 %)")
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False)
    for knot, far, tar in zip(measured.knots, measured.fars, measured.tars, strict=True):
        origin = "measured" if knot.measured else "extrapolated"
        table.add_row(
            f"{knot.similarity:g}",
            f"{knot.cosine:.3f} {origin}",
            wording.small(knot.far),
            wording.far(far),
            wording.tar(tar),
        )
    return table


def _compared(measured: Measured, base: str) -> Table:
    from semblance_cli.accuracy import wording

    columns = ("TAR at a FAR of", "your embedder", f"that of {base}")
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False)
    for each in measured.compared:
        row = (wording.small(each.far), wording.tar(each.own), wording.tar(each.base))
        table.add_row(*row)
    return table
