"""Which engine is used, and what is said when it cannot be."""

from pathlib import Path

import pytest

from localsagemaker.images import Images


def broken(name: str) -> str:
    return f"{name} cannot run containers: no room"


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MDLC_ENGINE", raising=False)
    monkeypatch.setattr("localsagemaker.images.store.unusable", broken)


def test_without_a_container_engine_images_are_processes_and_the_reason_is_said(tmp_path: Path) -> None:
    images = Images(tmp_path)
    assert images.engine == "process"
    assert "podman cannot run containers: no room, docker cannot run containers: no room" in images.description


def test_the_first_engine_that_works_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localsagemaker.images.store.unusable", lambda name: broken(name) if name == "podman" else None)
    assert Images(tmp_path).engine == "docker"


def test_an_engine_asked_for_is_used_or_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDLC_ENGINE", "podman")
    with pytest.raises(ValueError, match="asks for podman, but podman cannot run containers: no room"):
        _ = Images(tmp_path).engine
    monkeypatch.setattr("localsagemaker.images.store.unusable", lambda _: None)
    assert Images(tmp_path).engine == "podman"
    assert Images(tmp_path, "process").engine == "process"


def test_an_engine_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDLC_ENGINE", "rkt")
    with pytest.raises(ValueError, match="'rkt': it can be podman, docker or process"):
        Images(tmp_path)
