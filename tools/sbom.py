"""The bill of materials of an image, as CycloneDX has it: `python -m tools.sbom`, or `make sbom`.

From what the image is made from: the lock file, the manifest of the model packs, the Dockerfile.
The same sources make the same file to the byte.
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
from pathlib import Path
from typing import Any

from cyclonedx import spdx
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infra import packs
from tools.local.cloud import CHECKOUT, MODELS
from tools.terminal import complain, console

SBOM = CHECKOUT / "out/sbom.cdx.json"
LOCK = CHECKOUT / "requirements/image.txt"
PREPARED = MODELS / "prepared.json"

_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "MIT License": "MIT",
}
"""What packages write who know no SPDX."""


class MissingError(Exception):
    """Something that has to be made first; the message says how."""


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
    """The JSON of an image with these models."""
    semblance = _semblance()
    components = [_base_image(), *_packages(), *_models(pack)]
    bom = Bom(components=components)
    bom.metadata.component = semblance
    bom.register_dependency(semblance, components)
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    # Whoever wants to know when and by what it was made asks the file system.
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
    """With what it brings of Debian and Python: those who publish it say what that is."""
    dockerfile = (CHECKOUT / "functions/Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^FROM (\S+):(\S+)@(sha256:[0-9a-f]{64}) AS base$", dockerfile, re.MULTILINE)
    if found is None:
        raise MissingError("functions/Dockerfile names no base image with its digest")
    name, tag, digest = found.groups()
    return Component(
        type=ComponentType.CONTAINER,
        name=name,
        version=tag,
        bom_ref="base-image",
        purl=PackageURL("oci", None, name, digest, {"tag": tag}),
    )


def _packages() -> Iterator[Component]:
    for name, version, hashes in _locked():
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError as exc:
            raise MissingError(f"{name} is not installed: make .venv/.installed") from exc
        if metadata["Version"] != version:
            raise MissingError(f"{name} is not installed as locked: make .venv/.installed")
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
            licenses=_licences(*_told(name, metadata)),
            external_references=[archives],
        )


def _locked() -> Iterator[tuple[str, str, list[str]]]:
    for entry in re.split(r"^(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if pinned := re.match(r"([a-z0-9._-]+)==(\S+)", entry):
            yield pinned[1], pinned[2], re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)


def _told(package: str, metadata: Any) -> list[str]:
    """In SPDX's terms if there is a way, else in the words of the classifiers."""
    told = metadata.get("License-Expression") or metadata.get("License") or ""
    told = _SPDX.get(told, told)
    if told and (spdx.fixup_id(told) or spdx.is_expression(told)):
        return [told]
    classifiers = metadata.get_all("Classifier") or ()
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    if not names:
        raise MissingError(f"{package} does not say under which licence it is")
    return names


def _models(pack: str) -> Iterator[Component]:
    try:
        prepared = json.loads(PREPARED.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise MissingError(f"{PREPARED} is missing: run `make fetch`") from exc
    for file in packs.weights():
        if pack in file.packs:
            yield _model(file, prepared[file.name]["prepared"])


def _model(file: packs.Weights, sha256: str) -> Component:
    """`sha256`: of the file in the image, which is made of the one in the package."""
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
        hashes=[_sha256(sha256)],
        pedigree=Pedigree(ancestors=[upstream], notes=f"made by {', '.join(file.prepared)}"),
    )


def _licences(*told: str) -> list[License]:
    return [LicenseFactory().make_from_string(each) for each in told]


def _sha256(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description=__doc__)
    parser.add_argument("--pack", choices=packs.names(), default="open")
    parser.add_argument("--output", type=Path, default=SBOM)
    return parser


if __name__ == "__main__":
    sys.exit(main())
