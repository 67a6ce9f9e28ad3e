"""Bad archives to each of their readers: refused in a sentence, and nothing of them leaves their folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from contract.archive import unpack_archive
from contract.errors import InputError
from localsagemaker.jobs.artifacts import ArchiveError, unpack
from mdlc.client.artifacts import read_documents
from mdlc.errors import CommandError
from tabular.model import Model
from tests.bad_inputs.archives.make import archive
from tests.bad_inputs.bounds import bounded
from tests.bad_inputs.inputs import BadInput, label, read


def of_a_job(file: Path) -> None:
    with unpack_archive(file):
        pass


def of_a_server(file: Path) -> None:
    Model.load(file.parent)


def of_the_local_cloud(file: Path) -> None:
    unpack(file, file.parent / "unpacked")


def of_the_command_line(file: Path) -> None:
    class Cloud:
        def read_bytes(self, _: str) -> bytes:
            return file.read_bytes()

    read_documents(Cloud(), "s3://bucket/model.tar.gz")  # type: ignore[arg-type] # what is asked of it


READERS = [of_a_job, of_a_server, of_the_local_cloud, of_the_command_line]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[BadInput], bytes]:
    """Each archive is made once."""
    kept: dict[str, bytes] = {}
    del tmp_path_factory

    def make(given: BadInput) -> bytes:
        if given.name not in kept:
            kept.clear()
            kept[given.name] = archive(given)
        return kept[given.name]

    return make


@pytest.mark.parametrize("given", read("archives/archives"), ids=label)
def test_archives(given: BadInput, made: Callable[[BadInput], bytes], tmp_path: Path) -> None:
    for reader in READERS:
        folder = tmp_path / reader.__name__
        folder.mkdir()
        file = folder / "model.tar.gz"
        file.write_bytes(made(given))
        if given.get("hosting") and reader is of_the_local_cloud:
            with bounded():
                reader(file)
            continue
        with bounded(), pytest.raises((InputError, ArchiveError, CommandError)) as refused:
            reader(file)
        given.require_sentence(str(refused.value))
    outside = {path.name for path in tmp_path.iterdir()} - {reader.__name__ for reader in READERS}
    assert not outside
    assert not Path("/tmp/evil").exists()  # where one of them would write to
