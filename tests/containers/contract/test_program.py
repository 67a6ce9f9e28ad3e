"""The entry point that images share: which command does what, and where its failures are written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from contract import program
from contract.errors import InputError
from contract.paths import Paths
from contract.program import Parser, run_program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from contract.serving.messages import Predictor
    from contract.serving.settings import Settings


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return Paths(tmp_path)


def no_model(_: Path) -> Predictor:
    raise AssertionError


def test_a_job_is_given_its_arguments(paths: Paths) -> None:
    given: list[tuple[Paths, Sequence[str]]] = []
    assert run_program(["evaluate", "--x"], lambda *each: given.append(each), no_model, {}) == 0
    assert given == [(paths, ["evaluate", "--x"])]


@pytest.mark.parametrize(("command", "file"), [("train", "output/failure"), ("prepare", "output/message")])
def test_a_failure_is_written_where_sagemaker_reads_it(paths: Paths, command: str, file: str) -> None:
    def run(_: Paths, argv: Sequence[str]) -> None:
        Parser().parse_args([*argv, "--unknown"])

    assert run_program([command], run, no_model, {}) == 1
    assert (paths.base / file).read_text().startswith(f"wrong arguments: unrecognized arguments: {command}")


def test_a_server_loads_the_model_in_its_process_with_its_environment(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[Path, str, str]] = []

    def load(folder: Path) -> Predictor:
        loaded.append((folder, os.environ["PROGRAM_TEST_ONE"], os.environ["PROGRAM_TEST_TWO"]))
        raise InputError("the model is broken")

    def run_server(start: Callable[[], Predictor], settings: Settings) -> int:
        assert settings.workers == 3
        assert not loaded
        assert "PROGRAM_TEST_ONE" not in os.environ
        with pytest.raises(InputError, match="the model is broken"):
            start()
        return 7

    monkeypatch.setenv("SAGEMAKER_MODEL_SERVER_WORKERS", "3")
    monkeypatch.setenv("PROGRAM_TEST_TWO", "the user's")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(program, "run_server", run_server)
    variables = {"PROGRAM_TEST_ONE": "ours", "PROGRAM_TEST_TWO": "ours"}
    assert run_program(["serve"], lambda *_: None, load, variables) == 7
    assert loaded == [(paths.model, "ours", "the user's")]


@pytest.mark.usefixtures("paths")
def test_wrong_settings_end_the_server_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "SAGEMAKER_BIND_TO_PORT", "many")
    assert run_program(["serve"], lambda *_: None, no_model, {}) == 1
    assert "SAGEMAKER_BIND_TO_PORT must be a whole number from 0 to 65535, not 'many'" in capsys.readouterr().err
