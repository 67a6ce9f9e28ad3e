"""A folder to work in as a user would: the command line in processes of its own, and boto3."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil

from localcloud.lifecycle import LocalCloud
from localsagemaker.images.store import ENGINE

PROJECT = Path(__file__).parents[2]
IN_ONE_POLICY = 10
"""Statements of one policy: a user's inline policies may have fewer characters than a role's."""
APP = "python -m tests.environments"
"""What is deployed: not the environments of stacks/environments.py, which a team may have changed."""


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code, its JSON and its words for people."""

    code: int
    answer: Any
    said: str


@dataclass(frozen=True)
class Workplace:
    """One folder, with a local cloud of its own."""

    folder: Path
    engine: str = ""
    """What the local cloud runs images with, if not with what the machine has."""

    def mdlc(self, *arguments: str, timeout: float = 300) -> Done:
        """Run `mdlc … --json` here."""
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from mdlc.cli import main; sys.exit(main())", *arguments, "--json"],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
            | {"CDK_APP": APP}
            | ({ENGINE: self.engine} if self.engine else {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr)

    def done(self, *arguments: str, timeout: float = 300) -> Any:
        """Run `mdlc … --json` here, which must succeed: its JSON."""
        done = self.mdlc(*arguments, timeout=timeout)
        assert done.code == 0, f"mdlc {' '.join(arguments)} ended with {done.code}: {done.said[-2000:]}"
        return done.answer

    @property
    def variables(self) -> Mapping[str, str]:
        """AWS_* variables of the local cloud here, as `mdlc local env` prints them."""
        return LocalCloud(self.folder / ".mdlc" / "local").running().environment()

    @property
    def session(self) -> boto3.Session:
        """Root of the account, as boto3 sees it."""
        found = self.variables
        return boto3.Session(
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
            region_name=found["AWS_REGION"],
        )

    def client(self, service: str) -> Any:
        """A boto3 client of the local cloud here."""
        return self.session.client(service, endpoint_url=self.variables["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]

    def somebody_like(self, environment: str, description: str) -> "Somebody":
        """Somebody new with the policies of the role that has this description, which only a service may take on."""
        iam = self.client("iam")
        pages = iam.get_paginator("list_roles").paginate()
        roles = [role["RoleName"] for page in pages for role in page["Roles"]]
        (role,) = [
            name
            for name in roles
            if name.startswith(f"{environment}-")
            and iam.get_role(RoleName=name)["Role"].get("Description") == description
        ]
        documents = [
            iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]
        return self.somebody(*(each for document in documents for each in document["Statement"]), name=f"like-{role}")

    def somebody(self, *statements: Mapping[str, Any], name: str = "somebody") -> "Somebody":
        """Somebody new who may do what these statements say."""
        iam, user = self.client("iam"), f"{name[:55]}-{secrets.token_hex(4)}"
        iam.create_user(UserName=user)
        for first in range(0, len(statements), IN_ONE_POLICY):
            document = json.dumps({"Version": "2012-10-17", "Statement": statements[first : first + IN_ONE_POLICY]})
            made = iam.create_policy(PolicyName=f"{user}-{first}", PolicyDocument=document)["Policy"]["Arn"]
            iam.attach_user_policy(UserName=user, PolicyArn=made)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        return Somebody(self, key["AccessKeyId"], key["SecretAccessKey"])

    def summary(self, name: str) -> Mapping[str, Any]:
        """What a demo left in its summary.json."""
        found: Mapping[str, Any] = json.loads((self.folder / "build" / "demo" / name / "summary.json").read_text())
        return found

    def output(self, stack: str, key: str) -> str:
        """One output of a stack."""
        outputs = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        return next(str(output["OutputValue"]) for output in outputs if output["OutputKey"] == key)

    def run_pipeline(self, *arguments: str) -> Done:
        """Start the fraud pipeline and wait for its end."""
        started = self.done("pipeline", "start", "fraud", *arguments)
        return self.mdlc("pipeline", "wait", "fraud", started["execution_id"])

    def recorded(self, system: str, name: str) -> Mapping[str, Any]:
        """The run in MLflow that an execution was recorded as, some seconds after its end."""
        end = time.monotonic() + 60
        while True:
            runs = self.done("runs", "list", system, "--limit", "100")["runs"]
            if found := [run for run in runs if run["name"] == name and run["status"] != "RUNNING"]:
                assert len(found) == 1, "one run for one execution"
                return dict(found[0])
            assert time.monotonic() < end, f"{system} has no run {name}, but {[run['name'] for run in runs]}"
            time.sleep(0.5)

    def versions(self) -> list[Mapping[str, Any]]:
        """All versions of the fraud model, newest first."""
        found: list[Mapping[str, Any]] = self.done("model", "list", "fraud")["versions"]
        return found


@contextmanager
def rehearsed(folder: Path, *systems: str, engine: str = "") -> Iterator[Workplace]:
    """A folder in which `mdlc demo` has run for these systems, begun at the same moment; at the end nothing is left."""
    here = Workplace(folder, engine)
    try:
        server = _begun(here, systems)
    except BaseException:
        here.mdlc("local", "down")  # whoever began it is told to end it, also where it took too long
        raise
    yield here
    children = server.children(recursive=True)
    here.done("local", "down")
    assert not [process for process in (server, *children) if process.is_running()]
    left = {path.name for path in (here.folder / ".mdlc" / "local").iterdir()}
    assert left <= {"lock", "images", "venvs"}, "only what makes the next start quick may stay"


def _begun(here: Workplace, systems: Sequence[str]) -> psutil.Process:
    """Run the demos of these systems; the local cloud's process."""
    with ThreadPoolExecutor(len(systems)) as pool:
        ended = list(pool.map(lambda system: here.mdlc("demo", system, timeout=600), systems))
    assert [done.code for done in ended] == [0] * len(systems), [done.said[-2000:] for done in ended]
    assert sum("which deploys to this local cloud" in done.said for done in ended) == len(systems) - 1
    return psutil.Process(here.done("local", "status")["pid"])


@dataclass(frozen=True)
class Somebody:
    """A user of the account, with what policies say and no more."""

    here: Workplace
    access_key: str
    secret: str

    @property
    def variables(self) -> dict[str, str]:
        """AWS_* variables that make a process act in this user's name."""
        own = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret}
        return {**self.here.variables, **own}

    def client(self, service: str) -> Any:
        """A boto3 client in this user's name."""
        found = self.here.variables
        session = boto3.Session(self.access_key, self.secret, region_name=found["AWS_REGION"])
        return session.client(service, endpoint_url=found["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]
