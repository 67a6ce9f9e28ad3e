"""Exit codes and the file in which SageMaker reads why a job failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.errors import InputError, Stopped
from contract.job import run_job

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _raise(error: Exception) -> None:
    raise error


def test_a_job_that_works_leaves_no_report(tmp_path: Path) -> None:
    report = tmp_path / "output/failure"
    assert run_job(lambda: None, report) == 0
    assert not report.exists()


def test_an_input_error_is_reported_as_its_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "output/failure"
    assert run_job(lambda: _raise(InputError("claims.csv is empty")), report) == 1
    assert report.read_text() == "claims.csv is empty"
    assert capsys.readouterr().err == "claims.csv is empty\n"


def test_a_stop_before_any_result_is_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "failure"
    assert run_job(lambda: _raise(Stopped("stopped")), report) == 1
    assert report.read_text() == "stopped"


def test_an_unexpected_error_is_reported_with_its_type_and_traced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "failure"
    assert run_job(lambda: _raise(KeyError("x")), report) == 1
    assert report.read_text() == "KeyError: 'x'"
    assert "Traceback" in capsys.readouterr().err


def test_no_more_than_sagemaker_shows_is_written(tmp_path: Path) -> None:
    report = tmp_path / "failure"
    run_job(lambda: _raise(InputError("é" * 2000)), report)
    assert report.read_text(encoding="utf-8") == "é" * 1024


def test_a_report_that_cannot_be_written_does_not_hide_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "output").write_text("a file where a folder should be")
    assert run_job(lambda: _raise(InputError("the reason")), tmp_path / "output/failure") == 1
    assert "the reason\n" in capsys.readouterr().err
