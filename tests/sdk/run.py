"""`make sdk`: the fraud demo on a local cloud of its own, then these tests against it, in the SDK's environment.

Arguments go to pytest: `python -m tests.sdk.run -k registry`; with `--sdk 2` first, the tests are those of the line
before, `tests/sdk2`. The exit code is that of what failed first.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TESTS = Path(__file__).parent
FOLDER = PROJECT / "build" / "sdk"
"""Where the local cloud keeps its state, and the demo its report."""
PYTEST = ("-m", "pytest", "-v", "--disable-warnings", "-p", "no:cacheprovider")


def main(arguments: Sequence[str]) -> int:
    """Start the cloud, run the tests, end the cloud."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    mdlc("local", "down", capture_output=True)  # what a killed run may have left
    try:
        return mdlc("demo", "fraud").returncode or _tests(arguments)
    finally:
        mdlc("local", "down")


def mdlc(*arguments: str, capture_output: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in the folder."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("mdlc")), *arguments],
        cwd=FOLDER,
        env=_environment(),
        capture_output=capture_output,
        text=True,
        check=False,
    )


def _tests(arguments: Sequence[str]) -> int:
    line, given = ("sdk2", arguments[2:]) if list(arguments[:2]) == ["--sdk", "2"] else ("sdk", arguments)
    python, folder = PROJECT / f".venv-{line}" / "bin" / "python", str(TESTS.with_name(line))
    variables: Mapping[str, str] = json.loads(mdlc("local", "env", "--json", capture_output=True).stdout)
    defaults = {"SAGEMAKER_USER_CONFIG_OVERRIDE": str(TESTS / "defaults.yaml")}
    return subprocess.run(
        [str(python), *PYTEST, "--confcutdir", folder, folder, *given],
        cwd=PROJECT,
        env={**_environment(), **variables, **defaults},
        check=False,
    ).returncode


def _environment() -> dict[str, str]:
    """This process's environment without what would lead to another cloud."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAGEMAKER_"))}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
