"""The model packs and their weight files, read from the manifest in `semblance.vision.packs`, and
from the manifest of an owner's pack directory, which is laid over it."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "layers/semblance/vision/packs/manifest.toml"
OWN = ROOT / "packs"
"""The image build takes owners' packs from here: it sees nothing outside the checkout."""


def names() -> list[str]:
    """Of the built-in packs."""
    return sorted(_manifest()["packs"])


def directory(pack: str) -> Path | None:
    """Of an owner's pack, which is named by its path. Built-in packs have names without a slash."""
    return Path(pack) if "/" in pack else None


def exists(pack: str) -> bool:
    own = directory(pack)
    return (own / MANIFEST.name).is_file() if own else pack in names()


def in_image(pack: str) -> str:
    """An owner's pack as the image build names it, relative to the checkout; empty when the build
    cannot see it."""
    path = Path(pack).resolve()
    return path.relative_to(ROOT).as_posix() if path.parent == OWN else ""


def files(pack: str) -> dict[str, str]:
    """The weight files of a pack that `make fetch` prepares, name to the SHA-256 of the prepared
    file."""
    entries = _manifest()["files"]
    return {name: entries[name]["prepared_sha256"] for name in _file_names(pack) if name in entries}


def own_files(pack: str) -> dict[str, str]:
    """The files that lie in the directory of an owner's pack, weights and bases, with their
    SHA-256; none of a built-in pack."""
    own = directory(pack)
    if own is None:
        return {}
    tables = _read(own)
    weights = {name: entry["prepared_sha256"] for name, entry in tables.get("files", {}).items()}
    bases = [entry["basis"] for entry in tables["embedders"].values() if "basis" in entry]
    return weights | {basis["file"]: basis["sha256"] for basis in bases}


class Pack(NamedTuple):
    """A pack, by the names of its parts."""

    name: str
    detector: str
    embedder: str
    licences: tuple[str, ...]
    """Of its files, each once."""


def packs() -> list[Pack]:
    return [_pack(name, parts) for name, parts in _manifest()["packs"].items()]


def _pack(name: str, parts: dict[str, str]) -> Pack:
    entries = _manifest()["files"]
    licences = dict.fromkeys(entries[file]["licence"] for file in _file_names(name))
    return Pack(name, parts["detector"], parts["embedder"], tuple(licences))


class Weights(NamedTuple):
    """A weight file and its origin."""

    name: str
    about: str
    registry: str
    """`npm` or `pypi`."""
    package: str
    version: str
    path: str
    """Inside the package."""
    sha256: str
    """Of the upstream file, before it is prepared."""
    prepared_sha256: str
    licence: str
    prepared: tuple[str, ...]
    """The steps that turn the upstream file into the deployed one."""
    packs: tuple[str, ...]
    """Names of the packs that use it."""


def weights() -> list[Weights]:
    return [_weights(name, entry) for name, entry in _manifest()["files"].items()]


def _weights(name: str, entry: dict[str, Any]) -> Weights:
    source = _manifest()["sources"][entry["source"]]
    steps = [each if isinstance(each, str) else each["step"] for each in entry.get("prepare", ())]
    return Weights(
        name=name,
        about=entry["about"],
        registry=source["registry"],
        package=source["package"],
        version=source["version"],
        path=entry["path"],
        sha256=entry["sha256"],
        prepared_sha256=entry["prepared_sha256"],
        licence=entry["licence"],
        prepared=tuple(steps),
        packs=tuple(pack for pack in names() if name in _file_names(pack)),
    )


def licence(pack: str) -> str:
    """The licence of each weight file of the pack, in one line."""
    entries = _tables(pack)["files"]
    return "; ".join(f"{name}: {entries[name]['licence']}" for name in _file_names(pack))


def _file_names(pack: str) -> list[str]:
    """In the order in which a picture meets them, each once: the judge may be a branch too."""
    table = _tables(pack)
    name = pack if directory(pack) is None else next(iter(_read(Path(pack))["packs"]))
    parts = table["packs"][name]
    branches = table["embedders"][parts["embedder"]]["branches"]
    networks = [table["judges"][parts["judge"]]["network"], *(each["network"] for each in branches)]
    names = [
        table["detectors"][parts["detector"]]["file"],
        table["landmarks"][parts["landmarks"]]["file"],
        table["eyes"][parts["eyes"]]["file"],
        *(table["networks"][network]["file"] for network in networks),
    ]
    return list(dict.fromkeys(names))


def _tables(pack: str) -> dict[str, Any]:
    """The built-in manifest, below the one of an owner's pack. `semblance.vision.packs.manifest`
    refuses names that are in both."""
    own = directory(pack)
    if own is None:
        return _manifest()
    above = _read(own)
    kinds = _manifest().keys() | above.keys()
    return {kind: {**_manifest().get(kind, {}), **above.get(kind, {})} for kind in kinds}


def _read(own: Path) -> dict[str, Any]:
    return tomllib.loads((own / MANIFEST.name).read_text(encoding="utf-8"))


@cache
def _manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
