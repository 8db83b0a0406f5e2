"""accuracy: measures a pack on an owner's own photos, on this machine. docs/accuracy.md says how to
choose the photos, and how to read the figures."""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from semblance_cli import stack, values
from semblance_cli.problems import CommandError
from semblance_cli.terminal import count, listed, note, output, progress
from semblance_cli.usage import Parser

if TYPE_CHECKING:
    from semblance.vision.packs.specs import ModelPack
    from semblance_cli.accuracy.enrolment import Enrolment
    from semblance_cli.accuracy.measurement import Measurement, Question
    from semblance_cli.accuracy.people import People
    from semblance_cli.accuracy.reading import Read

_FILTERS = ["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]
_FACES = ["largest", "central"]
_LIBRARIES = ("numpy", "onnxruntime", "PIL", "matplotlib")
_INCOMPLETE = (
    'This command needs the extra `accuracy`: pip install ".[cli,accuracy]" in a checkout, or '
    "pip install 'semblance-VERSION-py3-none-any.whl[cli,accuracy]'"
)
_PACK_OUTPUT, _DEFAULT_PACK = "ModelPack", "open"
_MODELS = Path(".local/models")
_OUT = Path("semblance-accuracy")


def add_to(parser: Parser) -> None:
    command = parser.add_command(
        "accuracy",
        "measure how well your deployment tells your own people apart",
        about="Reads photos of your people on this machine and uploads nothing. Writes false and "
        "true acceptance rates with their intervals as a page, a plot and JSON, and shows pairs "
        "that may be mislabelled. Run it again after an interruption: it reads only what is "
        "missing.",
        synopsis="[OPTIONS] FOLDER",
        examples=(
            "semblance accuracy people",
            "semblance accuracy people --far 1e-3,1e-4 --gallery 10000",
            "semblance accuracy people.csv --by camera --out measured --forget",
            "semblance accuracy people --groups groups.csv --by age",
        ),
    )
    command.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="a folder with a folder for each person, or a CSV file with the columns photo and "
        "person",
    )
    _add_questions(command)
    _add_options(command)
    command.set_defaults(run=run)


def _add_questions(command: Parser) -> None:
    command.add_argument(
        "--far",
        type=values.numbers(1e-12, 1),
        default=(),
        metavar="RATE,...",
        help="find the threshold for each of these false acceptance rates",
    )
    command.add_argument(
        "--gallery",
        type=values.number(int, 1, 1e9),
        metavar="N",
        help="compute the false matches of a search among N people",
    )
    command.add_argument(
        "--by", metavar="COLUMN", help="compare the groups of this column of the CSV file"
    )
    command.add_argument(
        "--groups",
        type=Path,
        metavar="FILE",
        help="with a FOLDER of folders: a CSV file with the column person and columns of groups",
    )


def _add_options(command: Parser) -> None:
    command.add_argument(
        "--quality-filter",
        choices=_FILTERS,
        default="AUTO",
        help="measure only faces of this quality, as IndexFaces does (default: AUTO)",
    )
    command.add_argument(
        "--face",
        choices=_FACES,
        default=_FACES[0],
        help="in photos of several people, the face that belongs to the name (default: largest, "
        "which is the one that a search uses)",
    )
    command.add_argument(
        "--out",
        type=Path,
        default=_OUT,
        metavar="DIR",
        help=f"write to this folder, which only you can read (default: {_OUT})",
    )
    command.add_argument(
        "--forget",
        action="store_true",
        help="remove the templates from DIR when the measurement is done: they are biometric data",
    )
    command.add_argument(
        "--parallel",
        type=values.number(int, 1, 256),
        default=os.cpu_count() or 1,
        metavar="N",
        help="read this many photos at once (default: as many as there are processors)",
    )
    _add_pack(command)


def _add_pack(command: Parser) -> None:
    command.add_argument(
        "--models",
        type=Path,
        default=_MODELS,
        metavar="DIR",
        help=f"the weights that `make fetch` has fetched (default: {_MODELS})",
    )
    group = stack.add_options(
        command,
        "The model pack is the one that you name here, else that of the stack, else "
        f"{_DEFAULT_PACK}. Nothing else is asked of AWS.",
        default=None,
    )
    group.add_argument("--pack", metavar="NAME", help="the model pack")


def run(options: argparse.Namespace) -> int:
    _require_libraries()
    from semblance.embedding.similarity import SimilarityScale
    from semblance.vision.packs.specs import PackError
    from semblance_cli.accuracy import enrolment, measurement, output, people

    _refuse_inside(options)
    found = people.read(options.folder, options.groups)
    question = _question(options, found)
    try:
        pack = _load(options)
        photos = _read(options, found, pack)
    except PackError as error:
        raise CommandError(_without_weights(error)) from error
    enrolled = enrolment.enrol(photos, options.quality_filter, options.face)
    _refuse_too_few(enrolled)
    scale = SimilarityScale(pack.embedder.calibration)
    measured = measurement.measure(enrolled.enrolled, scale, question)
    output.write(options.out, _about(options, pack), enrolled, measured, scale)
    _print(found, enrolled, measured)
    _finish(options)
    unsupported = any(wanted.point is None for wanted in measured.wanted)
    return int(bool(enrolled.refused) or unsupported)


def _require_libraries() -> None:
    if any(importlib.util.find_spec(name) is None for name in _LIBRARIES):
        raise CommandError(_INCOMPLETE)


def _refuse_inside(options: argparse.Namespace) -> None:
    """The contact sheet would be taken for a photo by the next run."""
    if options.folder.is_dir() and options.out.resolve().is_relative_to(options.folder.resolve()):
        raise CommandError(f"{options.out} is inside {options.folder}: choose another with --out.")


def _question(options: argparse.Namespace, found: People) -> Question:
    from semblance_cli.accuracy.measurement import Question

    if options.groups and not options.by:
        raise CommandError("--groups needs --by COLUMN, which says by which column to compare.")
    return Question(
        fars=tuple(options.far),
        gallery=options.gallery,
        group_of=found.grouped_by(options.by) if options.by else None,
    )


def _load(options: argparse.Namespace) -> ModelPack:
    from semblance.vision.packs.loading import load_pack

    return load_pack(options.pack or _pack_of_stack(options), options.models)


def _pack_of_stack(options: argparse.Namespace) -> str:
    """Of a stack that is named, or there. Without one it is the default pack, and a note says so:
    measuring needs no deployment."""
    name = options.stack or stack.DEFAULT
    try:
        cloudformation = stack.account(options).cloudformation()
        return stack.outputs(cloudformation, name, [_PACK_OUTPUT], "give --pack")[_PACK_OUTPUT]
    except (CommandError, BotoCoreError, ClientError):
        if options.stack:
            raise
    note(f"No deployed stack was found: measuring with the pack {_DEFAULT_PACK} (--pack NAME).")
    return _DEFAULT_PACK


def _read(options: argparse.Namespace, found: People, pack: ModelPack) -> list[Read]:
    from semblance.vision.engine import Engine
    from semblance_cli.accuracy import cache, output, reading

    output.prepare(options.out)
    path = options.out / output.TEMPLATES
    done = 0

    def advanced() -> None:
        nonlocal done
        done += 1
        bar.advance(task)

    with cache.Cache(path, cache.fingerprint(pack, options.models)) as kept, progress() as bar:
        task = bar.add_task("Reading", total=len(found.photos))
        try:
            return reading.read_all(
                found.photos, Engine(pack), kept, parallel=options.parallel, advanced=advanced
            )
        except (KeyboardInterrupt, SystemExit):
            bar.stop()
            note(
                f"Stopped with {done:,} of {count(len(found.photos), 'photo')} read. The same "
                f"command goes on from here. {path} holds their templates: delete it if you do not "
                "go on."
            )
            raise


def _without_weights(error: Exception) -> str:
    return (
        f"{error}. Run `make fetch` in your checkout of Semblance, and this command there or with "
        "--models CHECKOUT/.local/models."
    )


def _refuse_too_few(enrolled: Enrolment) -> None:
    people = {each.photo.person for each in enrolled.enrolled}
    if len(people) < 2:
        raise CommandError(
            f"Only {len(people)} of your people could be measured, and it takes two to compare: "
            f"{count(len(enrolled.refused), 'photo')} refused, {len(enrolled.without_face)} without"
            f" a face, {len(enrolled.dropped)} dropped by the quality filter."
        )


def _about(options: argparse.Namespace, pack: ModelPack) -> dict[str, str]:
    return {
        "pack": pack.name,
        "model": pack.embedder.codec.model_id,
        "quality_filter": options.quality_filter,
        "face": options.face,
        "measured": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def _print(found: People, enrolled: Enrolment, measured: Measurement) -> None:
    from semblance_cli.accuracy import wording

    if found.skipped:
        note(f"Skipped, no photo in a person's folder: {listed(list(found.skipped))}")
    out = output()
    out.print(
        f"[bold]{count(measured.faces, 'face')}[/] of {measured.distributions.people:,} people, "
        f"from {count(enrolled.photos, 'photo')}"
    )
    for number, words in (
        (len(enrolled.refused), "refused as no photo that Semblance reads"),
        (len(enrolled.without_face), "without a face"),
        (len(enrolled.dropped), "dropped by the quality filter"),
        (len(enrolled.twice), "the same file twice under one name"),
        (len(enrolled.several), "with several faces, of which one is measured"),
    ):
        if number:
            out.print(f"  {number:>6,}  {words}")
    out.print(_table(measured))
    out.print(wording.support(measured), soft_wrap=True)
    if measured.groups:
        out.print(_groups(measured))
    fairness = wording.fairness(measured.groups) if measured.groups else []
    for line in [*_of_wanted(measured), *_of_gallery(measured), *fairness, *_of_doubt(measured)]:
        out.print(line, markup=False, soft_wrap=True)


def _table(measured: Measurement) -> Table:
    from semblance_cli.accuracy import wording

    table = Table("similarity", "FAR (95 %)", "TAR (95 %)", box=SIMPLE_HEAD, show_edge=False)
    for point in measured.points:
        far, tar = wording.far(point.far), wording.tar(point.tar)
        table.add_row(wording.similarity(point.similarity), far, tar)
    for wanted in measured.wanted:
        if wanted.point is not None:
            reached = wording.similarity(wanted.point.similarity)
            far, tar = wording.far(wanted.point.far), wording.tar(wanted.point.tar)
            table.add_row(f"{reached}, for FAR {wording.small(wanted.far)}", far, tar)
    return table


def _of_wanted(measured: Measurement) -> list[str]:
    from semblance_cli.accuracy import wording

    return [
        f"A FAR of {wording.small(wanted.far)} {wording.missing(wanted)}."
        for wanted in measured.wanted
        if wanted.point is None
    ]


def _of_gallery(measured: Measurement) -> list[str]:
    from semblance_cli.accuracy import wording

    people = measured.gallery
    if not people:
        return []
    return [
        f"False matches of a search among {people:,} people, a face each: "
        + "; ".join(
            f"{wording.false_matches(point.far, people)} at {point.similarity:g}"
            for point in measured.points
        )
    ]


def _groups(measured: Measurement) -> Table:
    from semblance_cli.accuracy import wording

    columns = ("group", "people", "similarity", "FAR (95 %)", "TAR (95 %)")
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False)
    for place in range(len(measured.points)):
        for group in measured.groups:
            point = group.points[place]
            similarity = wording.similarity(point.similarity)
            far, tar = wording.far(point.far), wording.tar(point.tar)
            table.add_row(escape(group.name), f"{group.people:,}", similarity, far, tar)
    return table


def _of_doubt(measured: Measurement) -> list[str]:
    alike, different = len(measured.too_alike), len(measured.too_different)
    if not alike and not different:
        return []
    return [
        f"Look at them: {count(alike, 'pair')} of names that may be one person, "
        f"{count(different, 'name')} that may be two people."
    ]


def _finish(options: argparse.Namespace) -> None:
    from semblance_cli.accuracy import cache, output

    templates = options.out / output.TEMPLATES
    note(f"Written: {options.out / output.PAGE}, {output.RECORD}, {output.PLOT} beside it")
    if options.forget:
        cache.erase(templates)
        note("The templates are removed; the page and the contact sheet still show faces.")
    else:
        note(
            f"{templates} holds templates of your people, which are biometric data: --forget "
            "removes them."
        )
