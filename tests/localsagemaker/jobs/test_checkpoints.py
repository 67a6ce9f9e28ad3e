"""Checkpoints stay in the folder of their job."""

from pathlib import Path

import pytest

from localsagemaker.jobs.channels import InputError
from localsagemaker.jobs.checkpoints import CheckpointFolder
from tests.localsagemaker.folder_host import FolderHost

PREFIX = "s3://artifacts/checkpoints"


@pytest.mark.parametrize("rest", ["//etc/outside", "/../outside", "/a/../../outside"])
def test_a_key_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    """What stands behind the prefix may look like an absolute path."""
    store = FolderHost(tmp_path / "s3").s3
    downloaded: list[Path] = []
    monkeypatch.setattr(type(store), "list", lambda _, __: [PREFIX + rest])
    monkeypatch.setattr(type(store), "download", lambda _, __, file: downloaded.append(file))
    with pytest.raises(InputError, match="leads out of the folder"):
        CheckpointFolder(store, tmp_path / "checkpoints", PREFIX, None).restore()
    assert downloaded == []


def test_a_link_is_not_copied_from_somewhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    kept = CheckpointFolder(FolderHost(tmp_path / "s3").s3, folder, PREFIX, None)
    folder.mkdir()
    (folder / "host").symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="host is a link that leads out"):
        kept.copy()
