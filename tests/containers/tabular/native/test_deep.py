"""A million bodies, and the same code under a compiler's eyes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tabular.native.build import build
from tests.containers.tabular.native.bodies import bodies
from tests.containers.tabular.native.both import agree

if TYPE_CHECKING:
    from pathlib import Path

    from tabular.forest import Forest
    from tabular.native.core import Core

pytestmark = pytest.mark.slow
WATCHED = """
import sys
from pathlib import Path
from tabular.native.core import Core, lay_out
from tests.containers.tabular.native.bodies import WIDTH, bodies
tree = (0, 0.5, (2, -1.0, 1.0, (1, 0.0, 2.0, 3.0, True), False), 4.0, True)
core = Core(Path(sys.argv[1]), lay_out([tree, 1.0, tree]), 0.25, WIDTH, is_logistic=True)
found = [core.scores(body, is_json=is_json) for body, is_json in bodies(5, 100_000)]
large = core.scores(b"1,2,3\\n" * 100_000, is_json=False)
assert len(large) == 100_000
print(sum(each is not None for each in found))
"""


@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_thousand_bodies_are_answered_alike_or_left_to_python(core: Core, forest: Forest, seed: int) -> None:
    answered = sum(agree(core, forest, body, is_json=is_json) for body, is_json in bodies(seed, 100_000))
    assert answered > 40_000  # three in ten are damaged, and some have numbers next to a border


def test_the_core_of_the_image_says_the_same(zigs_library: Path, library: Path) -> None:
    for target in (zigs_library, library):
        subprocess.run([sys.executable, "-c", WATCHED, str(target)], check=True, env=_environment())


def test_no_byte_is_touched_that_is_not_its_own(tmp_path: Path) -> None:
    """AddressSanitizer and UndefinedBehaviorSanitizer end the process at the first; gcc brings both."""
    assert shutil.which("gcc"), "install gcc, which brings the sanitizers"
    target = tmp_path / "watched.so"
    build(target, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    found = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    environment = _environment() | {"LD_PRELOAD": found.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0"}
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, str(target)], capture_output=True, text=True, env=environment, check=False
    )
    assert (ran.returncode, int(ran.stdout or 0) > 40_000) == (0, True), ran.stderr[-2000:]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(["containers", "."])}
