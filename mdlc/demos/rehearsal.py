"""Runs a demo on the local cloud: starts it, deploys an environment to it, and times and shows every step.

All of it can be repeated: a second run finds the cloud up and the platform deployed, and only updates it.
"""

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from localcloud.cdk import Cdk, CdkError
from localcloud.lifecycle import LocalCloud, Running
from mdlc.checkup import stale_text
from mdlc.client.aws import Cloud
from mdlc.demos.assembly import synthesize
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, Say
from mdlc.report.summary import Timed
from mdlc.report.text import seconds

ASSEMBLY: Final = Path("build/demo/cdk.out")
"""The templates of every environment, which all demos of this folder's local cloud deploy."""
_REASON: Final = re.compile(r"Error: (?P<reason>.+?)\s*(?=\n\s*\n|\n\s*Source|\Z)", re.DOTALL)
"""What the CDK CLI says of a failure: from the kind of error to an empty line, or to where in the source it is."""
_ENVIRONMENT: Final = re.compile(r"aws://(?P<account>\d{12})/(?P<region>[a-z0-9-]+)")


@dataclass
class Rehearsal:
    """One run of a demo, with what it writes in `folder`; `steps` grows as it goes."""

    environment: str
    folder: Path
    output: Output
    steps: list[Timed] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    """Resources that the deployment replaced, as `stack/logical id`."""

    def platform(self) -> Cloud:
        """Bring the local cloud up and deploy the environment; raise `CommandError` with the reason if it cannot be."""
        self.folder.mkdir(parents=True, exist_ok=True)
        local = LocalCloud()
        with self.step("start the local cloud"):
            running = local.up()
        with local.deploying(self.output.note):
            return self._deploy(running)

    def _deploy(self, running: Running) -> Cloud:
        assembly = ASSEMBLY.absolute()
        with self.step("synthesize") as say:
            say("synthesizing the templates")
            synthesize(assembly, self.folder / "synth.log")
        variables = _variables(running, assembly, self.environment)
        cloud = Cloud(variables)
        with (self.folder / "deploy.log").open("w", encoding="utf-8") as log:
            account, region = variables["AWS_ACCESS_KEY_ID"], variables["AWS_REGION"]
            with self.step("bootstrap"):
                if not cloud.stack_names("CDKToolkit"):
                    self._cdk(variables, log, "bootstrap", f"aws://{account}/{region}")
            before = cloud.physical_ids(self.environment)
            goes_on = "CloudFormation goes on with the stack that it is at: the demo, run again, does the rest."
            with self.step(f"deploy {self.environment}", goes_on=goes_on) as say:
                self._cdk(variables, log, "deploy", f"{self.environment}/*", say=say)
            after = cloud.physical_ids(self.environment)
        if stale := [each for each in LocalCloud().stale() if each["stack"].startswith(f"{self.environment}-")]:
            raise CommandError(stale_text(stale))
        for stack in left_behind(assembly, self.environment, cloud.stack_names(f"{self.environment}-")):
            self.output.note(
                f"{stack} is deployed, and nothing declares it any more:"
                f" aws cloudformation delete-stack --stack-name {stack} removes it (docs/own-system.md)."
            )
        self.replaced = sorted(name for name, known in before.items() if name in after and after[name] != known)
        return Cloud(variables)  # one that has not seen the stacks as they were before

    def _cdk(
        self,
        variables: Mapping[str, str],
        log: TextIO,
        command: str,
        selector: str,
        say: Say = lambda _: None,
    ) -> None:
        """Run the CDK CLI, its lines into the log; raise `CommandError` with the reason that it gave."""

        def follow(line: str) -> None:
            print(line, file=log, flush=True)
            if line.strip():
                say(f"{command}: {line.strip()[:100]}")

        cdk = Cdk(variables, assembly=ASSEMBLY.absolute(), log=follow)
        try:
            cdk.run(command, selector) if command == "bootstrap" else cdk(command, selector)
        except CdkError as error:
            found = _REASON.search(str(error))
            reason = " ".join(found["reason"].split()) if found else str(error).strip().splitlines()[-1]
            raise CommandError(f"cdk {command} failed: {reason} (all of it in {log.name})") from None

    @contextmanager
    def step(self, name: str, *, goes_on: str = "") -> Iterator[Say]:
        """Time a step, show it while it runs, and say how it ended.

        Who interrupts one is told what `goes_on` without the demo.
        """
        begun = time.monotonic()
        try:
            with self.output.progress(name) as say:
                yield say
        except BaseException as error:
            self._finish(name, "failed", begun)
            if goes_on and isinstance(error, KeyboardInterrupt):
                self.output.note(goes_on)
            raise
        self._finish(name, "done", begun)

    def _finish(self, name: str, status: str, begun: float) -> None:
        step = Timed(name, status, time.monotonic() - begun)
        self.steps.append(step)
        self.output.note(f"{'✓' if status == 'done' else '✗'} {name:<26}{seconds(step.seconds):>12}")


def left_behind(assembly: Path, environment: str, deployed: Iterable[str]) -> list[str]:
    """Return which of an environment's stacks that are `deployed` its assembly has no more."""
    manifest = json.loads((assembly / f"assembly-{environment}" / "manifest.json").read_text(encoding="utf-8"))
    stacks = (each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack")
    return sorted(set(deployed) - {each["properties"]["stackName"] for each in stacks})


def _variables(running: Running, assembly: Path, environment: str) -> Mapping[str, str]:
    """Return the variables that lead to an environment's account and region in the local cloud.

    Raise `InputError` for an environment that the assembly does not have.
    """
    manifest = assembly / f"assembly-{environment}" / "manifest.json"
    if not manifest.is_file():
        raise InputError(f"There is no environment {environment}: see stacks/environments.py.")
    for artifact in json.loads(manifest.read_text(encoding="utf-8"))["artifacts"].values():
        if found := _ENVIRONMENT.fullmatch(artifact.get("environment", "")):
            region = {"AWS_REGION": found["region"], "AWS_DEFAULT_REGION": found["region"]}
            return running.environment(found["account"]) | region
    raise CommandError(f"No stack of {environment} says which account and region it belongs to.")
