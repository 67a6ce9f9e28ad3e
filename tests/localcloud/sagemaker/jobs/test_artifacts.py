"""Archives on their way into a container."""

import io
import tarfile
from pathlib import Path

import pytest

from localcloud.sagemaker.jobs.artifacts import pack, unpack


def _archive(file: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return file


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    member.size = 1 if kind == tarfile.REGTYPE else 0
    return member


def test_what_is_packed_comes_back(tmp_path: Path) -> None:
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "trees").write_bytes(b"\x00trees")
    (tmp_path / "model" / "code" / "serve.py").write_text("pass")
    unpack(pack([tmp_path / "model"], tmp_path / "model.tar.gz"), tmp_path / "back")
    assert (tmp_path / "back" / "trees").read_bytes() == b"\x00trees"
    assert (tmp_path / "back" / "code" / "serve.py").read_text() == "pass"


@pytest.mark.parametrize(
    "member",
    [
        _member("../outside"),
        _member("/outside"),
        _member("link", tarfile.SYMTYPE, "../outside"),
        _member("hard", tarfile.LNKTYPE, "../outside"),
        _member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda member: member.name,
)
def test_nothing_leads_out_of_the_folder(tmp_path: Path, member: tarfile.TarInfo) -> None:
    archive = _archive(tmp_path / "bad.tar.gz", member)
    with pytest.raises(tarfile.TarError, match=r"leads out|neither a file"):
        unpack(archive, tmp_path / "inner" / "folder")
    assert not (tmp_path / "inner" / "outside").exists()
