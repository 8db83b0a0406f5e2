"""Downloads pinned packages with npm or pip, checks them and reads single files from them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

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
        return f"{self.package}{'@' if self.registry == 'npm' else '=='}{self.version}"


def download(source: Source, into: Path) -> Path:
    """The package's archive from the configured registry, checked against its pin."""
    DOWNLOADS[source.registry](source, into)
    (archive,) = into.iterdir()
    check(archive.read_bytes(), source.sha256, source.requirement)
    return archive


def read_member(archive: Path, source: Source, path: str) -> bytes:
    """The content of one file. Nothing is unpacked, so the names in the archive can do no harm."""
    name = f"{source.root}/{path}"
    with tarfile.open(archive, "r:gz") as tar:
        try:
            member = tar.getmember(name)
        except KeyError as error:
            raise FetchError(f"{source.requirement} has no {name}") from error
        content = tar.extractfile(member) if member.isreg() else None
        if content is None or member.size > MAX_MEMBER_BYTES:
            raise FetchError(f"{name} in {source.requirement} is no file of a sensible size")
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


DOWNLOADS = {"npm": _npm_pack, "pypi": _pip_download}


def _run(command: list[str], source: Source) -> None:
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S
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
