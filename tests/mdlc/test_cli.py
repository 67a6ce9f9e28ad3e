import json
import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.lifecycle import LocalCloud, LocalCloudError, Running
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws

COMMANDS = (
    ("local", "up"),
    ("local", "status"),
    ("local", "logs"),
    ("local", "interrupt"),
    ("local", "down"),
    ("local", "env"),
    ("local", "throttle"),
    ("data", "generate"),
    ("data", "publish"),
    ("pipeline", "start"),
    ("pipeline", "status"),
    ("pipeline", "wait"),
    ("pipeline", "stop"),
    ("model", "list"),
    ("model", "approve"),
    ("model", "reject"),
    ("predict",),
    ("report",),
    ("demo",),
    ("cost",),
)


def test_a_command_imports_its_own_libraries_only() -> None:
    asked = "import sys; from mdlc.cli import application; application(['pipeline', 'status']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert "mdlc.commands.pipeline" in done.stdout.split()
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
        (("data", "publish", "frob", "x"), "There is no system 'frob': mdlc knows census, fraud, images, knn."),
        (("demo", "frob"), "There is no demo 'frob': mdlc has features, fraud, images, knn, steps."),
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
        ("model", "list", "fraud", "--limit", "0"),
        ("pipeline", "wait", "fraud", "--timeout", "-1"),
        ("data", "generate", "fraud", "x", "--seed", "-1"),
        ("local", "status", "--colour"),
        ("local", "interrupt", "job", "--wait", "-1"),
        ("local", "interrupt", "--each", "-1"),
    ],
)
def test_values_out_of_range_are_one_sentence_and_2(mdlc: Mdlc, arguments: tuple[str, ...]) -> None:
    ran = mdlc(*arguments)
    assert ran.code == 2
    assert len(ran.stderr.splitlines()) == 1


def test_an_error_is_json_too(mdlc: Mdlc) -> None:
    ran = mdlc("data", "publish", "frob", "x", "--json")
    assert json.loads(ran.stdout) == {"error": "There is no system 'frob': mdlc knows census, fraud, images, knn."}


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
    assert mdlc("local", "env").code == 1
    assert mdlc("local", "interrupt", "job").code == 1
    assert json.loads(mdlc("local", "down", "--json").stdout) == {"stopped": False}
    assert json.loads(mdlc("local", "logs", "--json").stdout) == {"lines": []}


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
    assert mdlc("local", "interrupt", "--each", "0").code == 0
    ran = mdlc("local", "interrupt", "ended", "--json")
    assert (ran.code, json.loads(ran.stdout)) == (2, {"error": "ended has ended already: it is Completed."})
    assert asked == [("a", True, 0.0), ("b", False, 3.0), 0, ("ended", True, 0.0)]


def test_what_the_local_cloud_refuses_ends_1(mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise LocalCloudError("port 80 of 127.0.0.1 is taken: choose another")

    monkeypatch.setattr("localcloud.lifecycle.LocalCloud.up", refuse)
    ran = mdlc("local", "up", "--port", "80")
    assert ran.code == 1
    assert ran.stderr.splitlines()[-1] == "mdlc: port 80 of 127.0.0.1 is taken: choose another"


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
