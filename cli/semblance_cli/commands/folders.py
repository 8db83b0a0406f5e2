"""import-folder and search-folder: a folder of photos through the input bucket, and what became
of each of them. docs/bulk.md says how they are meant to be used."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from semblance_cli.bulk import collection, delivery, report
from semblance_cli.bulk import photo_files as folder
from semblance_cli.bulk import target as deployment
from semblance_cli.bulk.delivery import Delivery, Item, Known, State
from semblance_cli.bulk.import_report import Import
from semblance_cli.bulk.mailbox import Mailbox
from semblance_cli.bulk.outcome import image_ids
from semblance_cli.bulk.search_report import Search
from semblance_cli.problems import CommandError, errors, note

_FILTERS = ["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]
_MOST_FACES = 4096


def add_to(commands: Any) -> None:
    text = "index the faces of a folder's photos in a collection"
    enrol = commands.add_parser("import-folder", help=text, description=text)
    _add_common(enrol)
    enrol.add_argument(
        "--create", action="store_true", help="create the collection if there is none"
    )
    enrol.add_argument(
        "--fix-names",
        action="store_true",
        help="replace what an ExternalImageId cannot have: é becomes e, letters of other scripts "
        "their code points, anything else an underscore",
    )
    enrol.set_defaults(run=import_folder, threshold=None)

    text = "search every face of a folder's photos in a collection"
    search = commands.add_parser("search-folder", help=text, description=text)
    _add_common(search)
    search.add_argument(
        "--threshold",
        type=_number(float, 0, 100),
        metavar="PERCENT",
        help="the least similarity (default 80)",
    )
    search.set_defaults(run=search_folder, create=False)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="photos, in subfolders too")
    parser.add_argument("collection", metavar="COLLECTION", help="the collection's id")
    parser.add_argument(
        "--max-faces",
        type=_number(int, 1, _MOST_FACES),
        metavar="N",
        help="import: the largest faces of a photo; search: the best matches of a face",
    )
    parser.add_argument("--quality-filter", choices=_FILTERS, help="which faces are good enough")
    parser.add_argument(
        "--output", type=_table, metavar="FILE", help="write what became of each photo: .csv, .json"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be sent, and send nothing"
    )
    parser.add_argument(
        "--resend", action="store_true", help="send all photos, also those with a result"
    )
    parser.add_argument(
        "--wait",
        type=_number(float, 0, 86_400),
        default=300.0,
        metavar="SECONDS",
        help="give up after so long without any new result (default 300; 0: only send)",
    )
    parser.add_argument(
        "--parallel",
        type=_number(int, 1, 256),
        default=16,
        metavar="N",
        help="photos sent at once (default 16)",
    )
    deployment.add_options(parser)


def import_folder(options: argparse.Namespace) -> int:
    prefix = f"index/{options.collection}/"
    found = folder.read(
        options.folder, folder.fixed if options.fix_names else folder.with_colons, prefix
    )
    _refuse_names(found, hint=not options.fix_names)
    items, known = _run(options, found, prefix)
    if options.dry_run:
        return 0
    outcome = Import(options.collection, items, found.too_large, options.wait)
    _mention_renamed(items, known)
    return _finish(outcome, options)


def search_folder(options: argparse.Namespace) -> int:
    prefix = f"search/{options.collection}/"
    found = folder.read(options.folder, folder.as_it_is, prefix)
    _refuse_names(found, hint=False)
    items, _ = _run(options, found, prefix)
    if options.dry_run:
        return 0
    return _finish(Search(options.collection, items, found.too_large, options.wait), options)


def _finish(outcome: report.Report, options: argparse.Namespace) -> int:
    if options.output:
        outcome.write(options.output)
    outcome.print()
    if options.output:
        note(f"Written: {options.output}")
    return outcome.status()


def _run(
    options: argparse.Namespace, found: folder.Folder, prefix: str
) -> tuple[list[Item], Known]:
    _mention_skipped(found)
    if not found.photos and not found.too_large:
        raise CommandError(f"There is no .jpg, .jpeg or .png in {options.folder}.")
    target = deployment.find(options, connections=2 * options.parallel)
    mailbox = Mailbox(target, prefix)
    metadata = _metadata(options)
    items = [Item(photo, prefix + photo.name) for photo in found.photos]
    with _progress() as progress:
        looking = progress.add_task("Looking", total=None)
        known = collection.look(
            target.rekognition,
            options.collection,
            indexing=prefix.startswith("index/"),
            create=options.create,
            dry_run=options.dry_run,
        )
        progress.update(looking, description="Comparing", total=len(items))
        told = None if options.resend else known
        for _ in delivery.plan(items, mailbox, told, metadata, options.parallel):
            progress.advance(looking)
        progress.remove_task(looking)
        if not options.dry_run:
            _deliver(progress, Delivery(items, mailbox, metadata, options.parallel, options.wait))
    if options.dry_run:
        report.print_plan(items, found.too_large, mailbox.address)
    return items, known


def _deliver(progress: Progress, work: Delivery) -> None:
    to_send = sum(item.state is State.TO_SEND for item in work.items)
    to_await = to_send + sum(item.state is State.WAITING for item in work.items)
    sending = progress.add_task("Sending", total=to_send, visible=to_send > 0)
    awaiting = progress.add_task("Results", total=to_await, visible=to_await > 0)

    def advanced() -> None:
        left = [item.state for item in work.items]
        failed = sum(item.problem is not None for item in work.items)
        waiting, unsent = left.count(State.WAITING), left.count(State.TO_SEND)
        progress.update(sending, completed=to_send - unsent)
        progress.update(awaiting, completed=max(0, to_await - waiting - unsent - failed))

    work.advanced = advanced
    try:
        work.run()
    except BaseException:
        progress.stop()
        unsent = sum(item.state is State.TO_SEND for item in work.items)
        waiting = sum(item.state is State.WAITING for item in work.items)
        note(
            f"Stopped with {to_send - unsent} of {to_send} photos sent and {waiting} results still "
            "to come. The same command goes on from here."
        )
        raise


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )


def _metadata(options: argparse.Namespace) -> dict[str, str]:
    asked = {
        "face-match-threshold": None if options.threshold is None else f"{options.threshold:g}",
        "max-faces": options.max_faces,
        "quality-filter": options.quality_filter,
    }
    return {name: str(value) for name, value in asked.items() if value is not None}


def _mention_skipped(found: folder.Folder) -> None:
    if found.skipped:
        note(f"Skipped, neither .jpg, .jpeg nor .png: {report.listed(found.skipped)}")


def _refuse_names(found: folder.Folder, *, hint: bool) -> None:
    if not found.unusable:
        return
    lines = [f"  {file}: {why}" for file, why in found.unusable.items()]
    advice = ["Rename them, or let --fix-names choose names." if hint else "Rename them."]
    if hint:
        example = next(iter(found.unusable))
        advice = [f"{advice[0]} (The first would be {folder.fixed(example)}.)"]
    raise CommandError(
        "\n".join(
            [
                "These files cannot be sent under their names; nothing has been sent.",
                *report.first(lines, indent="  "),
                *advice,
            ]
        )
    )


def _mention_renamed(items: list[Item], known: Known) -> None:
    """A renamed photo is a new one to the collection, which keeps the old faces too."""
    names = {folder.external_image_id(item.photo.name) for item in items}
    elsewhere = {
        image: name
        for name, images in known.images.items()
        if name not in names
        for image in images
    }
    renamed = [
        f"{item.photo.file} (was {elsewhere[image]})"
        for item in items
        for image in image_ids(item)
        if image in elsewhere
    ]
    if renamed:
        note(
            f"Indexed before under other names, which the collection keeps: "
            f"{report.listed(renamed)}. ListFaces and DeleteFaces remove the old faces."
        )


def _number(kind: Callable[[str], Any], least: float, most: float) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not from {least:g} to {most:g}")
        return value

    parse.__name__ = "number"
    return parse


def _table(text: str) -> Path:
    path = Path(text)
    if path.suffix not in report.FORMATS:
        raise argparse.ArgumentTypeError(f"{text} ends in neither .csv nor .json")
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.absolute().parent}")
    return path
