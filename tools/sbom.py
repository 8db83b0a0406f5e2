"""Writes the bill of materials of an image, in CycloneDX: `python -m tools.sbom`, or `make sbom`.

Its sources are those of the image: the lock file, the manifest of the model packs, the Dockerfile.
The same sources give the same file, byte for byte.
"""

import argparse
import hashlib
import importlib.metadata
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageMetadata
from pathlib import Path

from cyclonedx import spdx
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infra import packs
from tools.checkout import CHECKOUT
from tools.terminal import complain, console

SBOM = CHECKOUT / "out/sbom.cdx.json"
LOCK = CHECKOUT / "requirements/image.txt"

_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "MIT License": "MIT",
}
"""Names that packages give instead of SPDX identifiers."""


class MissingError(Exception):
    """An input is missing; the message says how to make it."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        text = written(options.pack)
    except MissingError as problem:
        complain(problem)
        return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    console.print(f"{options.output}: {len(json.loads(text)['components'])} components")
    return 0


def written(pack: str) -> str:
    """The bill of an image with this model pack, as JSON."""
    semblance = _semblance()
    components = [_base_image(), *_packages(), *_models(pack)]
    bom = Bom(components=components)
    bom.metadata.component = semblance
    bom.register_dependency(semblance, components)
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    # A time and a random number would make each file another one.
    del document["metadata"]["timestamp"], document["serialNumber"]
    name = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, name).urn
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _semblance() -> Component:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
        description=project["description"],
        licenses=_licences(project["license"]),
    )


def _base_image() -> Component:
    """The base image as one component. Its publisher lists the Debian and Python inside it."""
    dockerfile = (CHECKOUT / "functions/Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^FROM (\S+):(\S+)@(sha256:[0-9a-f]{64}) AS base$", dockerfile, re.MULTILINE)
    if found is None:
        raise MissingError(
            "functions/Dockerfile pins no base image: FROM name:tag@sha256:... AS base"
        )
    place, tag, digest = found.groups()
    name = place.rpartition("/")[2]
    return Component(
        type=ComponentType.CONTAINER,
        name=name,
        version=tag,
        bom_ref="base-image",
        purl=PackageURL("oci", None, name, digest, {"repository_url": place, "tag": tag}),
    )


def _packages() -> Iterator[Component]:
    for name, version, hashes in _locked():
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError as exc:
            raise MissingError(f"{name} is not installed: run `make .venv/.installed`") from exc
        if metadata["Version"] != version:
            raise MissingError(f"{name} is not installed as locked: run `make .venv/.installed`")
        purl = PackageURL("pypi", None, name, version)
        archives = ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(purl.to_string()),
            comment="one of these archives is installed, whichever fits the platform",
            hashes=map(_sha256, hashes),
        )
        yield Component(
            type=ComponentType.LIBRARY,
            name=name,
            version=version,
            bom_ref=name,
            purl=purl,
            description=metadata["Summary"],
            licenses=_licences(*_stated_licences(name, metadata)),
            external_references=[archives],
        )


def _locked() -> Iterator[tuple[str, str, list[str]]]:
    for entry in re.split(r"^(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if pinned := re.match(r"([a-z0-9._-]+)==(\S+)", entry):
            yield pinned[1], pinned[2], re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)


def _stated_licences(package: str, metadata: PackageMetadata) -> list[str]:
    """An SPDX expression if the package's text is one or stands for one, else its classifiers."""
    fields = [name for name in ("License-Expression", "License") if name in metadata]
    text = next(filter(None, (metadata[name] for name in fields)), "")
    text = _SPDX.get(text, text)
    if text and (spdx.fixup_id(text) or spdx.is_expression(text)):
        return [text]
    classifiers = metadata.get_all("Classifier") or ()
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    if not names:
        raise MissingError(f"{package} states no licence: find it out and add it to tools/sbom.py")
    return names


def _models(pack: str) -> Iterator[Component]:
    for file in packs.weights():
        if pack in file.packs:
            yield _model(file)


def _model(file: packs.Weights) -> Component:
    purl = PackageURL(file.registry, None, file.package, file.version, subpath=file.path)
    upstream = Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=file.path,
        version=file.version,
        purl=purl,
        licenses=_licences(file.licence),
        hashes=[_sha256(file.sha256)],
    )
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=file.name,
        version=file.version,
        bom_ref=file.name,
        description=file.about,
        purl=purl,
        licenses=_licences(file.licence),
        hashes=[_sha256(file.prepared_sha256)],
        pedigree=Pedigree(ancestors=[upstream], notes=f"made by {', '.join(file.prepared)}"),
    )


def _licences(*texts: str) -> list[License]:
    return [LicenseFactory().make_from_string(text) for text in texts]


def _sha256(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description=__doc__)
    parser.add_argument("--pack", choices=packs.names(), default="open")
    parser.add_argument("--output", type=Path, default=SBOM)
    return parser


if __name__ == "__main__":
    sys.exit(main())
