"""The bill of materials of an image."""

import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from infra import packs
from tools import sbom

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=packs.names())
def text(request):
    return sbom.written(request.param)


@pytest.fixture(scope="module")
def components():
    """Of an image with the default pack, by name."""
    return {each["name"]: each for each in json.loads(sbom.written("open"))["components"]}


def test_it_is_as_the_schema_of_cyclonedx_has_it(text):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_it_is_the_same_whenever_it_is_written(text):
    document = json.loads(text)
    assert text in [sbom.written(pack) for pack in packs.names()]
    assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", document["serialNumber"])
    assert "timestamp" not in document["metadata"]


def test_another_image_has_another_number():
    numbers = {json.loads(sbom.written(pack))["serialNumber"] for pack in packs.names()}
    assert len(numbers) == len(packs.names())


def test_every_package_of_the_image_is_there_as_it_is_locked(components):
    lock = sbom.LOCK.read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
    assert {name: each["version"] for name, each in components.items() if name in locked} == locked
    for name, version in locked.items():
        assert components[name]["purl"] == PackageURL("pypi", None, name, version).to_string()
        assert components[name]["licenses"]
    hashes = [
        each["content"]
        for component in components.values()
        for archive in component.get("externalReferences", ())
        for each in archive["hashes"]
    ]
    assert sorted(hashes) == sorted(re.findall(r"sha256:(\w{64})", lock))


def test_licences_are_in_the_terms_of_spdx_where_there_is_a_way(components):
    told = {name: each["licenses"] for name, each in components.items() if "licenses" in each}
    assert told["numpy"][0]["expression"].startswith("BSD-3-Clause AND")
    assert told["onnxruntime"] == [{"license": {"id": "MIT"}}]
    in_words = [name for name, licences in told.items() if "name" in licences[0].get("license", {})]
    assert in_words == ["awslambdaric", "python-dateutil"]


def test_the_models_of_the_pack_are_there_and_no_others(components):
    models = {
        name: each for name, each in components.items() if each["type"] == "machine-learning-model"
    }
    assert models.keys() == packs.files("open").keys()
    pinned = {file.name: file for file in packs.weights()}
    for name, each in models.items():
        assert [digest["content"] for digest in each["hashes"]] == [packs.files("open")[name]]
        (upstream,) = each["pedigree"]["ancestors"]
        assert [digest["content"] for digest in upstream["hashes"]] == [pinned[name].sha256]
        assert each["licenses"] == [{"license": {"id": pinned[name].licence}}]
    assert {name for name, file in pinned.items() if file.licence == "MIT"} > {"fr_feature.onnx"}
    assert pinned["sface.onnx"].licence == "Apache-2.0"


def test_a_licence_that_is_none_of_spdx_is_told_in_its_words():
    (model,) = (
        each
        for each in json.loads(sbom.written("scrfd"))["components"]
        if each["name"] == "scrfd.onnx"
    )
    assert "non-commercial" in model["licenses"][0]["license"]["name"]


def test_the_base_image_is_named_by_its_digest(components):
    purl = PackageURL.from_string(components["python"]["purl"])
    assert (purl.type, purl.name) == ("oci", "python")
    assert re.fullmatch("sha256:[0-9a-f]{64}", purl.version)
    assert purl.qualifiers["repository_url"] == "public.ecr.aws/docker/library/python"
    assert purl.qualifiers["tag"].startswith("3.")


def test_no_address_of_a_registry_is_in_it(text):
    addresses = set(re.findall(r"https?://[^/\"\s]+", text))
    assert addresses == {"http://cyclonedx.org"}


def test_the_command_writes_it_and_says_where(tmp_path):
    output = tmp_path / "new" / "sbom.json"
    assert sbom.main(["--pack", "scrfd", "--output", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == sbom.written("scrfd")
