"""The unmodified CDK CLI against a local cloud.

cdk = Cdk(running.environment())
cdk.bootstrap("111111111111", "eu-west-1")
cdk("deploy", "dev/*")                    # of the cloud assembly in cdk.out
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from localcloud.console import LocalCloudError

PROJECT = Path(__file__).parents[1]
ASSEMBLY = Path("cdk.out")
STACKS_AT_ONCE = 4  # of one deployment; a stack still waits for those it depends on


class CdkError(LocalCloudError):
    """The CDK CLI failed; its own last words say why."""


class Cdk:
    """Runs the CDK CLI that package.json pins, with the variables of a local cloud, on one synthesized assembly."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        assembly: Path = ASSEMBLY,
        log: Callable[[str], None] = print,
    ) -> None:
        self._environment, self._assembly, self._log = environment, assembly, log

    def __call__(self, command: str, *selectors: str) -> None:
        """Run `deploy`, `diff`, `destroy` or another command on the selected stacks. Raises `CdkError`."""
        options: dict[str, Sequence[str]] = {
            "deploy": ("--require-approval", "never", "--method", "direct", "--concurrency", str(STACKS_AT_ONCE)),
            "diff": ("--fail", "--method", "template"),
            "destroy": ("--force", "--concurrency", str(STACKS_AT_ONCE)),
        }
        self.run(command, "--app", str(self._assembly.absolute()), *options.get(command, ()), *selectors)

    def bootstrap(self, account: str, region: str) -> None:
        """Make the CDK's own stack in one account and region."""
        self.run("bootstrap", f"aws://{account}/{region}")

    def run(self, *arguments: str) -> None:
        """Run the CLI with these arguments, passing its lines on as they come. Raises `CdkError`."""
        command = [str(PROJECT / "node_modules" / ".bin" / "cdk"), "--no-notices", "--no-version-reporting", *arguments]
        lines: list[str] = []
        with subprocess.Popen(  # noqa: S603 - the pinned CLI
            command,
            cwd=self._assembly,  # no cdk.json there, whose app would be run again
            env=_cli_environment(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for line in process.stdout:
                lines.append(line.rstrip())
                self._log(lines[-1])
        if process.returncode:
            raise CdkError("\n".join(lines[-15:]) or f"cdk ended with exit code {process.returncode}")


def _cli_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables of the CLI: the local cloud's credentials alone, no app to run, Node from this Python's environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_APP"))}
    binaries = str(Path(sys.executable).parent)
    return (
        inherited
        | dict(environment)
        | {
            "PATH": os.pathsep.join((binaries, os.environ.get("PATH", os.defpath))),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CI": "true",  # plain lines on stdout
            "FORCE_COLOR": "0",
        }
    )
