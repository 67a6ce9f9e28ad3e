"""Archives on their way into a container, and files on their way out of one."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localsagemaker.jobs import artifacts
from localsagemaker.jobs.artifacts import ArchiveError, files, pack, unpack
from localsagemaker.jobs.channels import InputError


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
    with pytest.raises(ArchiveError, match=r"leads out|neither a file"):
        unpack(archive, tmp_path / "inner" / "folder")
    assert not (tmp_path / "inner" / "outside").exists()


def _changed(content: bytes) -> bytes:
    """Change a digit of an uncompressed block: the archive stays a valid tar."""
    return content.replace(b"threshold 0.16", b"threshold 0.96")


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "one byte changed": lambda tar: _changed(gzip.compress(tar, 0)),
    "checksum cut off": lambda tar: gzip.compress(tar)[:-8],
    "cut in half": lambda tar: gzip.compress(os.urandom(4096) + tar)[:2000],
    "rubbish behind it": lambda tar: gzip.compress(tar) + b"rubbish " * 6,
    "a plain tar": lambda tar: tar,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "no tar inside": lambda _: gzip.compress(b"this is no archive"),
    "nothing": lambda _: b"",
}
"""Source: InvokeEndpoint takes "a single gzip compressed tar archive"; RFC 1952 has CRC32 and ISIZE at its end."""


@pytest.mark.parametrize("kind", DAMAGED)
def test_an_archive_that_is_damaged_or_no_gzip_is_refused(tmp_path: Path, kind: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("model")
        member.size = len(b"threshold 0.16")
        tar.addfile(member, io.BytesIO(b"threshold 0.16"))
    (tmp_path / "model.tar.gz").write_bytes(DAMAGED[kind](buffer.getvalue()))
    with pytest.raises(ArchiveError):
        unpack(tmp_path / "model.tar.gz", tmp_path / "model")


def test_an_archive_unpacks_to_what_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = tarfile.TarInfo("big")
    big.size = 1_000_001
    archive = _archive(tmp_path / "model.tar.gz", big)
    unpack(archive, tmp_path / "folder")
    monkeypatch.setattr(artifacts, "LARGEST", 1_000_000)
    with pytest.raises(ArchiveError, match="more than there is room for"):
        unpack(archive, tmp_path / "folder")
    (tmp_path / "zeros.tar.gz").write_bytes(gzip.compress(b"\x00" * 2_000_000))
    with pytest.raises(ArchiveError, match="more than there is room for"):
        unpack(tmp_path / "zeros.tar.gz", tmp_path / "folder")
    monkeypatch.setattr(artifacts, "MOST_MEMBERS", 2)
    with pytest.raises(ArchiveError, match="more than there is room for"):
        unpack(_archive(tmp_path / "many.tar.gz", *map(_member, "abc")), tmp_path / "folder")


def test_a_link_of_a_job_leads_nowhere_else(tmp_path: Path) -> None:
    """A link that a container leaves is followed on this machine, where it may mean another file."""
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("w")
    (folder / "latest").symlink_to("weights")
    (folder / "same").hardlink_to(folder / "weights")
    assert [name for name, _ in files(folder)] == ["latest", "same", "weights"]
    unpack(pack([folder], tmp_path / "model.tar.gz"), tmp_path / "back")
    assert {file.name: file.read_text() for file in (tmp_path / "back").iterdir()} == dict.fromkeys(
        ["latest", "same", "weights"], "w"
    )
    for target in ("../secret", str(tmp_path / "secret"), "/etc/hostname", "circle"):
        (folder / "circle").symlink_to(target)
        with pytest.raises(InputError, match="circle is a link that leads out"):
            list(files(folder))
        (folder / "circle").unlink()


def test_what_a_container_removes_meanwhile_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").mkdir()
    for name in ("kept", "old/step"):
        (tmp_path / name).write_text("x")
    scan = os.scandir

    def scan_late(place: str | Path | int) -> Any:
        if str(place).endswith("old"):
            (tmp_path / "old" / "step").unlink()
            (tmp_path / "old").rmdir()
        return scan(place)

    monkeypatch.setattr(os, "scandir", scan_late)
    assert [name for name, _ in files(tmp_path)] == ["kept"]
