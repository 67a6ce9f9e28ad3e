"""Commands that deploy at once wait for each other, and say so."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from localcloud.lifecycle import LocalCloud


def test_the_second_waits_for_the_first_and_says_for_whom(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "local")
    said: list[str] = []
    waiting, order = threading.Event(), []

    def say(sentence: str) -> None:
        said.append(sentence)
        waiting.set()

    def second() -> None:
        with LocalCloud(tmp_path / "local").deploying(say):
            order.append("second")

    with cloud.deploying(say):
        assert not said
        other = threading.Thread(target=second)
        other.start()
        assert waiting.wait(5)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]
    assert said == [f"waiting for process {os.getpid()}, which deploys to this local cloud"]


def test_one_that_failed_lets_the_next_deploy(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "local")
    with pytest.raises(ValueError, match="no"), cloud.deploying():
        raise ValueError("no")
    with cloud.deploying(pytest.fail):
        pass


def test_one_that_was_killed_lets_the_next_deploy(tmp_path: Path) -> None:
    root = tmp_path / "local"
    held = (
        "import sys, time; from pathlib import Path; from localcloud.lifecycle import LocalCloud\n"
        f"with LocalCloud(Path({str(root)!r})).deploying(): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.kill()
    with LocalCloud(root).deploying(pytest.fail):
        pass


def test_clouds_in_two_folders_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with LocalCloud(tmp_path / "one").deploying(), LocalCloud(tmp_path / "other").deploying(pytest.fail):
        pass
