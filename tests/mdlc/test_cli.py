import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from localcloud.cdk import CdkError
from localcloud.lifecycle import LocalCloud, LocalCloudError, Running
from mdlc.commands.demo import DEMOS
from mdlc.demos.stages import PipelineError
from mdlc.errors import CommandError, InputError, MdlcError
from mdlc.features.table import TableError
from mdlc.systems import SYSTEMS
from tests.mdlc.conftest import Mdlc, Ran
from tests.mdlc.fake_aws import FakeAws

DEMONSTRATED = ", ".join(sorted(DEMOS))  # a team's own are among them
KNOWN = ", ".join(sorted(SYSTEMS))
COMMANDS = (
    ("local", "up"),
    ("local", "status"),
    ("local", "logs"),
    ("local", "interrupt"),
    ("local", "down"),
    ("local", "env"),
    ("local", "fail", "requests"),
    ("local", "fail", "resource"),
    ("local", "fail", "late-log"),
    ("local", "fail", "clear"),
    ("data", "generate"),
    ("data", "publish"),
    ("data", "list"),
    ("features", "list"),
    ("logs",),
    ("model", "show"),
    ("pipeline", "list"),
    ("pipeline", "start"),
    ("pipeline", "status"),
    ("steps", "list"),
    ("steps", "start"),
    ("pipeline", "wait"),
    ("pipeline", "stop"),
    ("model", "list"),
    ("model", "approve"),
    ("model", "reject"),
    ("predict",),
    ("report",),
    ("demo",),
    ("cost",),
    ("quotas",),
)


@pytest.mark.parametrize("command", ["pipeline", "data", "model", "logs", "predict"])
def test_a_command_imports_its_own_libraries_only(command: str) -> None:
    asked = f"import sys; from mdlc.cli import application; application(['{command}']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert f"mdlc.commands.{command}" in done.stdout.split()
    assert not {"mdlc.commands.demo", "numpy", "PIL", "jinja2"} & set(done.stdout.split())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_takes_json_and_has_help(mdlc: Mdlc, command: tuple[str, ...]) -> None:
    ran = mdlc(*command, "--help")
    assert ran.code == 0
    assert "--json" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("frob",), "No such command 'frob'."),
        (("data", "publish"), "Missing argument 'SYSTEM'."),
        (("data", "publish", "fraud"), "Missing argument 'FOLDER'."),
        (("data", "publish", "frob", "."), f"There is no system 'frob': mdlc knows {', '.join(sorted(SYSTEMS))}."),
        (
            ("data", "list", "steps"),
            f"There is no system 'steps': mdlc knows {KNOWN}. The demo steps is of the system census.",
        ),
        (("data", "publish", "knn", "absent"), "Invalid value for 'FOLDER': path 'absent' does not exist."),
        (("demo",), f"Say which demo: mdlc demo takes one of {DEMONSTRATED}."),
        (("demo", "frob"), f"There is no demo 'frob': mdlc has {DEMONSTRATED}."),
        (
            ("model", "list", "fraud", "-e", "Dev/x"),
            "'Dev/x' is no environment: give a name such as dev, staging or prod.",
        ),
        (("local", "up", "--account", "12"), "'12' is no account: it has 12 digits."),
        (("local", "env", "--account", "prod"), "'prod' is no account: it has 12 digits."),
        (("local", "up", "--region", "Ireland"), "'Ireland' is no region: it looks like eu-west-1."),
        (("local", "interrupt"), "Name a job, or say with --each how often every spot job is interrupted."),
        (
            ("local", "interrupt", "job", "--each", "1"),
            "Name a job, or say with --each how often every spot job is interrupted.",
        ),
        (
            ("local", "logs", "-f", "--json"),
            "--follow has no end to print JSON at: leave out one of --follow and --json.",
        ),
    ],
)
def test_bad_usage_is_one_sentence_and_2(mdlc: Mdlc, arguments: tuple[str, ...], sentence: str) -> None:
    ran = mdlc(*arguments)
    assert (ran.code, ran.stderr) == (2, f"mdlc: {sentence}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("model", "approve", "fraud", "two"),
        ("model", "approve", "fraud", "0"),
        ("local", "up", "--port", "70000"),
        ("local", "up", "--time-scale", "0"),
        ("local", "up", "--account-profile", "old"),
        ("model", "list", "fraud", "--limit", "0"),
        ("pipeline", "wait", "fraud", "--timeout", "-1"),
        ("data", "generate", "fraud", "x", "--seed", "-1"),
        ("local", "status", "--colour"),
        ("local", "interrupt", "job", "--wait", "-1"),
        ("local", "interrupt", "--each", "-1"),
        ("local", "fail", "CreateModel", "--with", "late"),
        ("local", "fail", "CreateModel", "--times", "0"),
        ("local", "fail", "CreateModel", "--for", "nan"),
    ],
)
def test_values_out_of_range_are_one_sentence_and_2(mdlc: Mdlc, arguments: tuple[str, ...]) -> None:
    ran = mdlc(*arguments)
    assert ran.code == 2
    assert len(ran.stderr.splitlines()) == 1


def test_an_error_is_json_too(mdlc: Mdlc) -> None:
    ran = mdlc("data", "publish", "frob", ".", "--json")
    assert json.loads(ran.stdout) == {"error": f"There is no system 'frob': mdlc knows {', '.join(sorted(SYSTEMS))}."}


def test_a_fault_in_mdlc_is_a_sentence_too_and_its_traceback_is_in_a_file(
    mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_: LocalCloud) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(LocalCloud, "status", stumble)
    ran = mdlc("local", "status", "--json")
    said = json.loads(ran.stdout)["error"]
    assert (ran.code, ran.stderr) == (1, f"mdlc: {said}\n")
    assert said.startswith("This is a fault in mdlc, KeyError: 'nobody thought of this'. All of it is in ")
    file = Path(said.rpartition(" ")[2].rstrip("."))
    assert 'raise KeyError("nobody thought of this")' in file.read_text()
    file.unlink()


def test_an_interruption_by_hand_is_no_fault(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: LocalCloud) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalCloud, "status", interrupt)
    assert mdlc("local", "status") == Ran(130, "", "")


def test_both_roots_of_errors_are_all_that_there_is() -> None:
    for root, errors in (
        (MdlcError, (CommandError, InputError, PipelineError, TableError)),
        (LocalCloudError, (CdkError,)),
    ):
        assert all(issubclass(error, root) for error in errors)
    assert (CommandError.exit_code, InputError.exit_code) == (1, 2)


def test_the_version_and_the_short_form_of_help(mdlc: Mdlc) -> None:
    assert mdlc("--version").stdout == f"mdlc {version('mdlc')}\n"
    assert mdlc("-h").stdout == mdlc("--help").stdout
    assert "NAME=VALUE" in mdlc("pipeline", "start", "-h").stdout


def test_the_shell_completes_commands() -> None:
    asked = {"_MDLC_COMPLETE": "complete_bash", "COMP_WORDS": "mdlc pipeline st", "COMP_CWORD": "2"}
    program = "import sys; from mdlc.cli import main; sys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert set(done.stdout.split()) == {"start", "status", "stop"}


def test_no_command_shows_the_help(mdlc: Mdlc) -> None:
    ran = mdlc()
    assert ran.code == 2
    assert "pipeline" in ran.stdout + ran.stderr


def test_without_a_cloud_it_says_how_to_get_one(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    ran = mdlc("model", "list", "fraud")
    assert ran.code == 1
    assert "start the local cloud with mdlc local up" in ran.stderr


def test_status_and_env_of_no_local_cloud(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(mdlc("local", "status", "--json").stdout) == {"up": False}
    assert mdlc("local", "env") == Ran(1, "", "mdlc: No local cloud runs here: start it with `mdlc local up`.\n")
    assert mdlc("local", "interrupt", "job").code == 1
    assert json.loads(mdlc("local", "down", "--json").stdout) == {"stopped": False}
    assert json.loads(mdlc("local", "logs", "--json").stdout) == {"lines": []}
    assert "No local cloud has written a log in this folder" in mdlc("local", "logs").stderr


def test_down_makes_nothing(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert mdlc("local", "down").code == 0
    assert list(tmp_path.iterdir()) == []


def test_another_port_than_the_running_clouds_is_refused(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCloud, "up", lambda *_: Running(1, 0.0, 4566, "111111111111", "eu-west-1", "s"))
    ran = mdlc("local", "up", "--port", "80")
    assert ran.code == 2
    assert "The local cloud is up already, at http://127.0.0.1:4566" in ran.stderr
    assert mdlc("local", "up", "--port", "4566").code == mdlc("local", "up").code == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--account", "222222222222"), "with account 111111111111: mdlc local down ends it."),
        (("--region", "us-east-1", "--time-scale", "1"), "with region eu-west-1 and time scale 60.0: mdlc local"),
        (("--account-profile", "new"), "with account profile established: mdlc local down ends it."),
    ],
)
def test_another_cloud_than_the_running_one_is_refused(
    mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.setattr(LocalCloud, "up", lambda *_: Running(1, 0.0, 4566, "111111111111", "eu-west-1", "s", 60.0))
    ran = mdlc("local", "up", *options)
    assert ran.code == 2
    assert sentence in ran.stderr
    same = (
        "--account",
        "111111111111",
        "--region",
        "eu-west-1",
        "--time-scale",
        "60",
        "--account-profile",
        "established",
    )
    assert mdlc("local", "up", *same).code == 0


def test_an_interruption_says_how_and_its_refusal_is_wrong_input(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def interrupt(_: LocalCloud, job: str, *, notice: bool, wait_s: float) -> None:
        asked.append((job, notice, wait_s))
        if job == "ended":
            raise LocalCloudError("ended has ended already: it is Completed.")

    monkeypatch.setattr(LocalCloud, "running", lambda _: None)
    monkeypatch.setattr(LocalCloud, "interrupt", interrupt)
    monkeypatch.setattr(LocalCloud, "rehearse_interruptions", lambda _, times: asked.append(times))
    assert mdlc("local", "interrupt", "a").code == mdlc("local", "interrupt", "b", "--lost", "--wait", "3").code == 0
    assert mdlc("local", "interrupt", "--each", "0").stdout.endswith("are interrupted no more.\n")
    ran = mdlc("local", "interrupt", "ended", "--json")
    assert (ran.code, json.loads(ran.stdout)) == (2, {"error": "ended has ended already: it is Completed."})
    assert asked == [("a", True, 0.0), ("b", False, 3.0), 0, ("ended", True, 0.0)]


def test_what_fails_on_purpose_is_ordered_shown_and_ended(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def fail(_: LocalCloud, what: str, kind: str, *, times: int | None, seconds: float | None, by: str) -> None:
        asked.append((what, kind, times, seconds, by))
        if what == "Nothing":
            raise LocalCloudError("sagemaker has no operation 'Nothing'.")

    line = {"what": "s3:PutObject", "with": "deny", "times": 2, "seconds": 1.5, "by": "worker"}
    up = Running(1, 0.0, 4566, "111111111111", "eu-west-1", "secret")
    monkeypatch.setattr(LocalCloud, "running", lambda _: None)
    monkeypatch.setattr(LocalCloud, "status", lambda _: up)
    monkeypatch.setattr(LocalCloud, "fail", fail)
    monkeypatch.setattr(LocalCloud, "faults", lambda _: [line])
    monkeypatch.setattr(LocalCloud, "clear_faults", lambda _: asked.append("clear"))
    throttle = ("--with", "throttle", "--times", "3")
    assert mdlc("local", "fail", "CreateTrainingJob", *throttle).stdout == (
        "Requests of CreateTrainingJob fail with throttle: the next 3.\n"
    )
    ran = mdlc("local", "fail", "requests", "s3:PutObject", "--for", "2", "--by", "worker")
    assert ran.stdout == "Requests of s3:PutObject by worker fail with error: for 2 s.\n"
    ran = mdlc("local", "fail", "Nothing", "--json")
    assert (ran.code, json.loads(ran.stdout)) == (2, {"error": "sagemaker has no operation 'Nothing'."})
    assert mdlc("local", "fail", "clear").code == 0
    assert asked == [
        ("CreateTrainingJob", "throttle", 3, None, ""),
        ("s3:PutObject", "error", None, 2.0, "worker"),
        ("Nothing", "error", None, None, ""),
        "clear",
    ]
    said = "On purpose: s3:PutObject by worker fails with deny, 2 more times, 1.5 s more.\n"
    assert mdlc("local", "status").stdout.endswith(said)
    assert json.loads(mdlc("local", "status", "--json").stdout)["faults"] == [line]


def test_what_the_local_cloud_refuses_ends_1(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise LocalCloudError("port 80 of 127.0.0.1 is taken: choose another")

    monkeypatch.setattr("localcloud.lifecycle.LocalCloud.up", refuse)
    ran = mdlc("local", "up", "--port", "80")
    assert ran.code == 1
    assert ran.stderr.splitlines()[-1] == "mdlc: Port 80 of 127.0.0.1 is taken: choose another."


def test_variables_choose_the_cloud_before_the_local_one(
    mdlc: Mdlc, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the local cloud was looked for")

    monkeypatch.setattr("localcloud.lifecycle.LocalCloud.status", never)
    assert "dev in AWS (eu-west-1) has no system fraud" in mdlc("model", "list", "fraud").stderr
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "in http://127.0.0.1:9 (eu-west-1)" in mdlc("model", "list", "fraud").stderr
    assert aws.called("DescribeStacks") == [{}] * 2
