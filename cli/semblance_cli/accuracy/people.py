"""Whose photos are measured: a folder with a folder for each person, or a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from semblance_cli.image_files import files_in, is_photo
from semblance_cli.problems import CommandError
from semblance_cli.terminal import first

PHOTO, PERSON = "photo", "person"
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Photo:
    file: str
    """As reports name it: relative to the folder, or as the CSV file names it."""
    path: Path
    person: str


@dataclass(frozen=True, slots=True)
class People:
    photos: tuple[Photo, ...]
    """By person, then by file."""
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Column to person to group."""
    skipped: tuple[str, ...] = ()
    """Files of the folder that are no photos, or that are in no person's folder."""

    def grouped_by(self, column: str) -> Mapping[str, str]:
        """Person to group. People without one are left out."""
        if column not in self.groups:
            known = ", ".join(sorted(self.groups)) or "none"
            raise CommandError(f"There is no column {column} to group by; the columns are: {known}")
        return {person: group for person, group in self.groups[column].items() if group}


def read(source: Path, groups: Path | None = None) -> People:
    """`source`: a folder or a CSV file. `groups`: a CSV file with a person and their groups in each
    row, for a folder. Raises CommandError."""
    if source.is_file():
        if groups:
            raise CommandError(f"{source} is a CSV file: put its groups into columns of it.")
        return _from_csv(source)
    people = _from_folder(source)
    return People(people.photos, _groups(groups) if groups else {}, people.skipped)


def _from_folder(root: Path) -> People:
    photos, skipped = [], []
    for file, path in files_in(root):
        person, slash, _ = file.partition("/")
        if slash and is_photo(file):
            photos.append(Photo(file, path, person))
        else:
            skipped.append(file)
    if not photos:
        raise CommandError(
            f"There is no photo in a folder of {root}: give each person a folder, with their .jpg, "
            ".jpeg or .png files in it."
        )
    return People(_sorted(photos), skipped=tuple(skipped))


def _from_csv(path: Path) -> People:
    rows = _rows(path, (PHOTO, PERSON))
    photos = [Photo(row[PHOTO], path.parent / row[PHOTO], row[PERSON]) for row in rows]
    missing = [f"  {photo.file}" for photo in photos if not photo.path.is_file()]
    if missing:
        raise CommandError(
            "\n".join([f"{path} names files that are not there:", *first(missing, "  ")])
        )
    unique = {photo.file: photo for photo in photos}
    if len(unique) < len(photos):
        raise CommandError(f"{path} names the same photo in more than one row.")
    return People(_sorted(photos), _groups_of(path, rows))


def _groups(path: Path) -> Mapping[str, Mapping[str, str]]:
    return _groups_of(path, _rows(path, (PERSON,)))


def _groups_of(path: Path, rows: Sequence[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Raises CommandError for a person in two groups of one column."""
    columns = [name for name in rows[0] if name not in (PHOTO, PERSON)]
    groups: dict[str, dict[str, str]] = {column: {} for column in columns}
    for row in rows:
        for column in columns:
            before = groups[column].setdefault(row[PERSON], row[column])
            if before != row[column]:
                raise CommandError(
                    f"{path}: the {column} of {row[PERSON]} is {before!r} in one row and "
                    f"{row[column]!r} in another."
                )
    return groups


def _rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """Cells without the spaces around them; a spreadsheet's byte order mark is no part of them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    header = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(), delimiter=max(_DELIMITERS, key=header.count))
    names = [(name or "").strip() for name in reader.fieldnames or ()]
    if missing := [name for name in needed if name not in names]:
        raise CommandError(f"{path} has no column {' and no column '.join(missing)}.")
    reader.fieldnames = names
    rows = [{name: (row[name] or "").strip() for name in names} for row in reader]
    if empty := next((place for place, row in enumerate(rows, 2) for n in needed if not row[n]), 0):
        raise CommandError(f"{path}: row {empty} lacks its {' or its '.join(needed)}.")
    if not rows:
        raise CommandError(f"{path} has no rows.")
    return rows


def _sorted(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    return tuple(sorted(photos, key=lambda photo: (photo.person, photo.file)))
