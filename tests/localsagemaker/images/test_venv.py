"""Environments from a lock file: made once, never half."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from localsagemaker.images import BuildFailed
from localsagemaker.images.venv import environment, interpreter

pytestmark = pytest.mark.slow


def test_two_builds_at_once_make_one_environment(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("# nothing is needed\n")
    log: list[str] = []
    places: list[Path] = []

    def build() -> None:
        places.append(environment(tmp_path / "venvs", lock, sys.executable, log.append))

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 1
    assert sum("making virtual environment" in line for line in log) == 1
    assert subprocess.run([places[0] / "bin" / "python", "-c", ""], check=False).returncode == 0


def test_what_an_interrupted_build_left_is_made_again(tmp_path: Path) -> None:
    place = environment(tmp_path, None, sys.executable, print)
    place.rename(place.with_name(place.name + ".half"))
    (place.with_name(place.name + ".half") / "bin" / "python").unlink()
    assert environment(tmp_path, None, sys.executable, print) == place
    assert (place / "bin" / "python").exists()
    assert list(tmp_path.iterdir()) == [place]


def test_a_lock_without_hashes_fails_with_uv_s_reason_and_leaves_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("numpy==2.0.0\n")
    with pytest.raises(BuildFailed, match=r"uv pip sync failed for the image's lock file: .*hash"):
        environment(tmp_path / "venvs", lock, sys.executable, print)
    assert not [path for path in (tmp_path / "venvs").iterdir() if path.is_dir() and path.suffix == ""]


def test_other_content_is_another_environment(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("# one\n")
    one = environment(tmp_path, lock, sys.executable, print)
    lock.write_text("# two\n")
    assert environment(tmp_path, lock, sys.executable, print) != one


def test_a_python_that_is_not_there_is_replaced_by_our_own() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert interpreter("2.6").endswith(f"python{version}")
    assert interpreter(None).endswith(f"python{version}")
