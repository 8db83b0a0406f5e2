"""The fetch tool: the files it accepts and refuses, and that it does no work twice."""

import hashlib
import io
import shutil
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from infra import packs
from tests.vision.conftest import MODELS
from tools.models import fetch
from tools.models.archives import FetchError, Source, check, download, read_member, read_members

CONTENT = b"weights"


@pytest.fixture
def source() -> Source:
    return Source("pypi", "name", "1.0", "0" * 64, "name-1.0", "MIT")


def archive_of(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            content = CONTENT if member.isreg() else b""
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_one_member_is_read(tmp_path: Path, source: Source) -> None:
    archive = archive_of(tmp_path / "a.tar.gz", tarfile.TarInfo("name-1.0/models/a.onnx"))
    assert read_member(archive, source, "models/a.onnx") == CONTENT


def test_a_member_that_is_not_there_is_named(tmp_path: Path, source: Source) -> None:
    archive = archive_of(tmp_path / "a.tar.gz")
    with pytest.raises(FetchError, match=r"name==1\.0 has no name-1\.0/models/a\.onnx"):
        read_member(archive, source, "models/a.onnx")


def test_a_link_is_not_followed(tmp_path: Path, source: Source) -> None:
    link = tarfile.TarInfo("name-1.0/a.onnx")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(FetchError, match="no file of a sensible size"):
        read_member(archive_of(tmp_path / "a.tar.gz", link), source, "a.onnx")


def test_members_of_a_debian_package_are_read(tmp_path: Path) -> None:
    source = Source("debian", "name", "1.0-1", "0" * 64, "usr/share/name", "MIT")
    data = archive_of(tmp_path / "data.tar.gz", tarfile.TarInfo("./usr/share/name/a.png"))
    deb = tmp_path / "name_1.0-1_all.deb"
    parts = (b"debian-binary", b"2.0"), (b"data.tar.gz", data.read_bytes())
    deb.write_bytes(b"!<arch>\n" + b"".join(ar_member(name, part) for name, part in parts))
    assert read_members(deb, source, ["a.png"]) == {"a.png": CONTENT}


def ar_member(name: bytes, content: bytes) -> bytes:
    """Members of odd length are followed by a newline."""
    header = b"%-16s%-12d%-6d%-6d%-8d%-10d`\n" % (name, 0, 0, 0, 644, len(content))
    return header + content + b"\n" * (len(content) % 2)


def test_what_is_no_debian_package_is_refused(tmp_path: Path) -> None:
    source = Source("debian", "name", "1.0-1", "0" * 64, "usr/share/name", "MIT")
    (tmp_path / "a.deb").write_bytes(b"PK")
    with pytest.raises(FetchError, match=r"name=1\.0-1 is no Debian package with files"):
        read_members(tmp_path / "a.deb", source, ["a.png"])


def test_a_wrong_checksum_is_refused() -> None:
    with pytest.raises(FetchError, match=r"a\.onnx has SHA-256 .*, pinned is 0000.*: refused"):
        check(CONTENT, "0" * 64, "a.onnx")
    check(CONTENT, hashlib.sha256(CONTENT).hexdigest(), "a.onnx")


def test_a_missing_tool_is_named(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    npm = Source("npm", "name", "1.0", "0" * 64, "package", "MIT")
    with pytest.raises(FetchError, match=r"npm is needed to fetch name@1\.0"):
        download(npm, tmp_path)


def test_an_installed_package_is_used_and_checked(tmp_path: Path) -> None:
    installed = tmp_path / "faceplugin-face-recognition-js" / "model" / "fr_landmark.onnx"
    installed.parent.mkdir(parents=True)
    installed.write_bytes(b"not what was pinned")
    with pytest.raises(FetchError, match=r"model/fr_landmark\.onnx of faceplugin.*: refused"):
        fetch.fetch_models(tmp_path / "models", ["open"], tmp_path, Console(quiet=True))
    assert not (tmp_path / "models").exists()


def test_an_unknown_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="no such pack: best"):
        fetch.fetch_models(tmp_path, ["best"], tmp_path, Console(quiet=True))


@pytest.mark.model
def test_a_second_run_downloads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # neither npm nor pip would be found
    before = {path: path.stat().st_mtime_ns for path in MODELS.iterdir()}
    assert fetch.main([]) == 0
    assert {path: path.stat().st_mtime_ns for path in MODELS.iterdir()} == before


@pytest.mark.model
def test_a_model_that_is_not_as_pinned_is_prepared_again_without_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # neither npm nor pip would be found
    models = tmp_path / "models"
    shutil.copytree(MODELS / fetch.UPSTREAM_DIR, models / fetch.UPSTREAM_DIR)
    fetched = ["--models-dir", str(models), "--no-photos", "--pack", "open"]
    (models / "fr_eye.onnx").write_bytes(b"made by an older recipe")
    assert fetch.main(fetched) == 0
    names = {path.name for path in models.iterdir()} - {fetch.UPSTREAM_DIR}
    assert names == packs.files("open").keys()
    for name in names:
        assert (models / name).read_bytes() == (MODELS / name).read_bytes()


@pytest.mark.model
def test_prepared_models_take_pictures_of_any_size() -> None:
    import onnx

    for file, size_is_free in (
        ("fr_detect.onnx", True),
        ("scrfd.onnx", True),
        ("yunet.onnx", True),
        ("sface.onnx", False),
        ("fr_feature.onnx", False),
    ):
        model = onnx.load(MODELS / file)
        height = model.graph.input[0].type.tensor_type.shape.dim[2]
        assert bool(height.dim_param) == size_is_free
