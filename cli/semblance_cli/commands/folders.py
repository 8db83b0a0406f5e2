"""import-folder and search-folder: a folder of photos through the input bucket, and the outcome of
each. docs/bulk.md is their manual."""

import argparse
from pathlib import Path

from rich.progress import Progress

from semblance.contract.layout import INDEX, SEARCH, external_image_id, photo_key
from semblance_cli import terminal, values
from semblance_cli.bulk import collection, delivery, people, photo_files, report, target
from semblance_cli.bulk.collection import Known
from semblance_cli.bulk.delivery import Delivery, Earlier, Item, State
from semblance_cli.bulk.import_report import Import
from semblance_cli.bulk.mailbox import Mailbox
from semblance_cli.bulk.outcome import BEFORE, INDEXED, image_ids, kind_of
from semblance_cli.bulk.photo_files import Folder
from semblance_cli.bulk.search_report import Search
from semblance_cli.problems import CommandError
from semblance_cli.terminal import first, listed, note
from semblance_cli.usage import Parser

_FILTERS = ["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]
_MOST_FACES = 4096
_SYNOPSIS = "[OPTIONS] FOLDER COLLECTION"


def add_to(parser: Parser) -> None:
    _add_import(parser)
    _add_search(parser)


def _add_import(parser: Parser) -> None:
    command = parser.add_command(
        "import-folder",
        "index the faces of a folder's photos in a collection",
        about="The file ann.jpg is indexed as the ExternalImageId ann, and bob/1.jpg as bob:1. "
        "Run the same command again after an interruption, or when photos were added: it sends "
        "only what is missing.",
        synopsis=_SYNOPSIS,
        examples=(
            "semblance import-folder people staff --create",
            "semblance import-folder people staff --dry-run",
            "semblance import-folder people staff --fix-names --output indexed.csv",
        ),
    )
    _add_arguments(command)
    command.add_argument(
        "--max-faces",
        type=values.number(int, 1, _MOST_FACES),
        metavar="N",
        help="index only the N largest faces of each photo",
    )
    command.add_argument(
        "--create", action="store_true", help="create the collection if there is none"
    )
    command.add_argument(
        "--fix-names",
        action="store_true",
        help="replace characters that an ExternalImageId cannot have: é becomes e, letters of "
        "other scripts become their code points, all others an underscore",
    )
    _add_options(command, quality_filter="AUTO")
    command.set_defaults(run=import_folder, threshold=None)


def _add_search(parser: Parser) -> None:
    command = parser.add_command(
        "search-folder",
        "search every face of a folder's photos in a collection",
        about="Prints a table of matches. A photo that was searched before is shown with its "
        "earlier result: --resend searches it again.",
        synopsis=_SYNOPSIS,
        examples=(
            "semblance search-folder gate staff",
            "semblance search-folder gate staff --threshold 90 --output found.csv",
            "semblance search-folder gate staff --resend --wait 600",
        ),
    )
    _add_arguments(command)
    command.add_argument(
        "--max-faces",
        type=values.number(int, 1, _MOST_FACES),
        metavar="N",
        help="report only the N best matches of each face",
    )
    command.add_argument(
        "--threshold",
        type=values.number(float, 0, 100),
        metavar="PERCENT",
        help="report only matches of at least this similarity (default: 80)",
    )
    _add_options(command, quality_filter="NONE")
    command.set_defaults(run=search_folder, create=False)


def _add_arguments(command: Parser) -> None:
    command.add_argument("folder", type=Path, metavar="FOLDER", help="photos, in subfolders too")
    command.add_argument("collection", metavar="COLLECTION", help="the collection's id")


def _add_options(command: Parser, quality_filter: str) -> None:
    command.add_argument(
        "--quality-filter",
        choices=_FILTERS,
        help=f"turn down faces below this quality (default: {quality_filter}; docs/accuracy.md)",
    )
    command.add_argument(
        "--output",
        type=values.output_file(report.FORMATS),
        metavar="FILE",
        help="write the outcome of each photo: .csv or .json",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="list the photos to send, and send nothing"
    )
    command.add_argument(
        "--resend", action="store_true", help="send all photos, also those with a result"
    )
    command.add_argument(
        "--wait",
        type=values.number(float, 0, 86_400),
        default=300.0,
        metavar="SECONDS",
        help="give up after this time without any new result (default: 300; 0: only send)",
    )
    command.add_argument(
        "--parallel",
        type=values.number(int, 1, 256),
        default=16,
        metavar="N",
        help="send this many photos at once (default: 16)",
    )
    target.add_options(command)


def import_folder(options: argparse.Namespace) -> int:
    naming = photo_files.fixed if options.fix_names else photo_files.with_colons
    found = photo_files.read(options.folder, naming, INDEX, options.collection)
    _refuse_names(found, hint=not options.fix_names)
    items, known = _run(options, found, INDEX)
    if options.dry_run:
        return 0
    outcome = Import(options.collection, items, found.too_large, options.wait)
    _mention_renamed(items, known)
    status = _finish(outcome, options)
    _advise_users(items, known)
    return status


def search_folder(options: argparse.Namespace) -> int:
    found = photo_files.read(options.folder, photo_files.as_it_is, SEARCH, options.collection)
    _refuse_names(found, hint=False)
    items, _ = _run(options, found, SEARCH)
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


def _run(options: argparse.Namespace, found: Folder, task: str) -> tuple[list[Item], Known]:
    _mention_skipped(found)
    if not found.photos and not found.too_large:
        raise CommandError(f"There is no .jpg, .jpeg or .png in {options.folder}.")
    place = target.find(options, connections=2 * options.parallel)
    mailbox = Mailbox(place, photo_key(task, options.collection, ""))
    metadata = _metadata(options)
    items = [Item(photo, photo_key(task, options.collection, photo.name)) for photo in found.photos]
    with terminal.progress() as progress:
        looking = progress.add_task("Looking", total=None)
        created = collection.find(
            place.rekognition, options.collection, create=options.create, dry_run=options.dry_run
        )
        earlier = Earlier(mailbox.photos(), mailbox.results())
        known = collection.look(
            place.rekognition, options.collection, created, indexing=task == INDEX
        )
        progress.update(looking, description="Comparing", total=len(items))
        counted = None if options.resend else known
        for _ in delivery.plan(items, mailbox, earlier, counted, metadata, options.parallel):
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


def _metadata(options: argparse.Namespace) -> dict[str, str]:
    asked = {
        "face-match-threshold": None if options.threshold is None else f"{options.threshold:g}",
        "max-faces": options.max_faces,
        "quality-filter": options.quality_filter,
    }
    return {name: str(value) for name, value in asked.items() if value is not None}


def _mention_skipped(found: Folder) -> None:
    if found.skipped:
        note(f"Skipped, neither .jpg, .jpeg nor .png: {listed(found.skipped)}")


def _refuse_names(found: Folder, *, hint: bool) -> None:
    if not found.unusable:
        return
    lines = [f"  {file}: {why}" for file, why in found.unusable.items()]
    advice = "Rename them."
    if hint:
        example = photo_files.fixed(next(iter(found.unusable)))
        advice = f"Rename them, or let --fix-names choose names. (The first would be {example}.)"
    raise CommandError(
        "\n".join(
            [
                "These files cannot be sent under their names; nothing has been sent.",
                *first(lines, indent="  "),
                advice,
            ]
        )
    )


def _mention_renamed(items: list[Item], known: Known) -> None:
    """A renamed photo is a new one to the collection, which keeps the old faces too."""
    names = {external_image_id(item.photo.name) for item in items}
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
            f"Indexed before under other names, which the collection keeps: {listed(renamed)}. "
            "Remove the old faces with ListFaces and DeleteFaces."
        )


def _advise_users(items: list[Item], known: Known) -> None:
    """Silent about people whose faces all belong to users."""
    enrolled = [item for item in items if kind_of(item)[0] in {INDEXED, BEFORE}]
    several = people.with_several_photos(external_image_id(item.photo.name) for item in enrolled)
    free = {_person(item) for item in enrolled if _has_free_face(item, known)}
    if named := [name for name in several if name in free]:
        note(
            f"{listed(named, most=3)}: several photos each. Make a user of each person "
            "(CreateUser, AssociateFaces) and search with SearchUsersByImage: on hard photos, at "
            "one false match in a million, a user of five faces is found 92 times in 100, a single "
            "face 68 times (docs/accuracy.md)."
        )


def _person(item: Item) -> str:
    return people.person(external_image_id(item.photo.name))


def _has_free_face(item: Item, known: Known) -> bool:
    name = external_image_id(item.photo.name)
    new = image_ids(item) - known.images.get(name, set())
    return bool(new) or name in known.free
