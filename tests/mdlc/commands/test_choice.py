"""Which cloud a command changes: named first, and asked about where it is AWS only because nothing else is up."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.lifecycle import LocalCloud
from mdlc.client.aws import CHOOSES_A_CLOUD
from mdlc.systems.fraud.generate import generate
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws

Publish = Callable[..., tuple[str, ...]]


@pytest.fixture
def publish(aws: FakeAws, tmp_path: Path) -> tuple[str, ...]:
    """A command that changes something."""
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    generate(tmp_path, seed=1, rows=200)
    return ("data", "publish", "fraud", str(tmp_path))


@pytest.fixture
def unchosen(publish: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Nothing says which cloud is meant, and no local cloud is up."""
    for name in CHOOSES_A_CLOUD:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(LocalCloud, "status", lambda _: None)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    return publish


def test_the_cloud_is_named_before_it_is_changed(mdlc: Mdlc, publish: tuple[str, ...]) -> None:
    ran = mdlc(*publish)
    assert (ran.code, ran.stderr.splitlines()[0]) == (0, "→ dev in AWS (eu-west-1)")


def test_a_script_is_refused_what_nobody_chose(mdlc: Mdlc, aws: FakeAws, unchosen: tuple[str, ...]) -> None:
    ran = mdlc(*unchosen, "--json")
    assert ran.code == 2
    assert json.loads(ran.stdout)["error"] == (
        "No local cloud is up in this folder, so this would change dev in AWS (eu-west-1): "
        "mdlc local up starts one, AWS_PROFILE chooses an account, --yes agrees."
    )
    assert aws.calls == []


def test_yes_agrees(mdlc: Mdlc, aws: FakeAws, unchosen: tuple[str, ...]) -> None:
    assert mdlc(*unchosen, "--yes").code == 0
    assert aws.called("PutObject")


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 2)])
def test_a_person_is_asked(  # noqa: PLR0913 - fixtures and cases
    mdlc: Mdlc, aws: FakeAws, unchosen: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, code: int, *, answer: bool
) -> None:
    asked: list[str] = []

    def confirm(text: str, *, err: bool) -> bool:
        assert err
        asked.append(text)
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", confirm)
    assert mdlc(*unchosen).code == code
    assert asked == ["No local cloud is up in this folder, so this would change dev in AWS (eu-west-1). Go on?"]
    assert bool(aws.called("PutObject")) == answer


@pytest.mark.parametrize(
    "command",
    [
        ("pipeline", "start", "fraud"),
        ("pipeline", "stop", "fraud"),
        ("steps", "start", "census"),
        ("model", "approve", "fraud", "1"),
        ("model", "reject", "fraud", "1"),
        ("features", "grow", "customers", "email:String"),
    ],
    ids=" ".join,
)
def test_every_command_that_changes_something_asks(
    mdlc: Mdlc, aws: FakeAws, unchosen: tuple[str, ...], command: tuple[str, ...]
) -> None:
    del unchosen
    ran = mdlc(*command)
    assert (ran.code, "--yes agrees" in ran.stderr) == (2, True)
    assert aws.calls == []


@pytest.mark.parametrize(
    "command", [("pipeline", "list", "fraud"), ("data", "list", "fraud"), ("model", "list", "fraud")], ids=" ".join
)
def test_a_command_that_reads_never_asks(mdlc: Mdlc, unchosen: tuple[str, ...], command: tuple[str, ...]) -> None:
    del unchosen
    assert "--yes" not in mdlc(*command).stderr
