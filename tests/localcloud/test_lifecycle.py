"""Up, status, logs and down; what is left when it goes wrong."""

import json
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import boto3
import psutil
import pytest

from localcloud.console import LocalCloudError, execute_api_url, past_proxies
from localcloud.lifecycle import LocalCloud

pytestmark = pytest.mark.slow


def session(leader: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_up_answers_and_down_leaves_nothing(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "local")
    assert cloud.status() is None
    running = cloud.up()
    try:
        assert cloud.up() == running == cloud.status()
        assert urllib.request.urlopen(f"{running.endpoint}/_mdlc/health", timeout=5).status == 200
        assert cloud.environment()["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{running.port}"
        assert any("Running on" in line for line in cloud.logs())
    finally:
        assert cloud.down()
    assert not cloud.down()
    assert cloud.status() is None
    assert not answers(running.port)
    assert session(running.pid) == []
    assert {path.name for path in cloud.root.iterdir()} <= {"lock", "images", "venvs"}


def test_a_killed_cloud_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "local")
    first = cloud.up()
    (cloud.root / "work").mkdir(exist_ok=True)
    (cloud.root / "work" / "half-written").write_text("job")
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while cloud.status() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert cloud.status() is None
    second = cloud.up()
    try:
        assert second.pid != first.pid
        assert not (cloud.root / "work" / "half-written").exists()
        assert session(first.pid) == []
    finally:
        cloud.down()


def test_two_clouds_in_two_folders(tmp_path: Path) -> None:
    one, other = LocalCloud(tmp_path / "one"), LocalCloud(tmp_path / "other")
    try:
        assert one.up().port != other.up(account="222222222222").port
        assert one.down()
        assert other.running().account == "222222222222"
    finally:
        one.down()
        other.down()


def test_a_number_that_another_process_has_now_is_left_alone(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "local")
    cloud.root.mkdir(parents=True)
    me = os.getpid()
    state = f'{{"pid": {me}, "created": 1.0, "port": 1, "account": "1", "region": "r", "secret": "s"}}'
    (cloud.root / "state.json").write_text(state)
    assert cloud.status() is None
    assert not cloud.down()  # and this test goes on


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalCloudError, match=f"port {port} of 127.0.0.1 is taken"):
            LocalCloud(tmp_path / "local").up(port=port)


def test_asking_a_cloud_that_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="mdlc local up"):
        LocalCloud(tmp_path / "local").environment()
    assert list(LocalCloud(tmp_path / "local").logs()) == []


def test_stacks_lead_to_the_account_that_they_live_in(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "local")
    running = cloud.up()
    try:
        session = boto3.Session("333333333333", running.secret, region_name="eu-north-1")
        topic = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
        cloudformation = session.client("cloudformation", endpoint_url=running.endpoint)
        cloudformation.create_stack(StackName="prod-storage", TemplateBody=topic)
        assert cloud.environment("dev")["AWS_ACCESS_KEY_ID"] == running.account
        found = cloud.environment("prod")
        assert (found["AWS_ACCESS_KEY_ID"], found["AWS_REGION"]) == ("333333333333", "eu-north-1")
    finally:
        cloud.down()


def test_a_proxy_is_not_asked_for_the_local_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.delenv("no_proxy", raising=False)
    past = past_proxies()
    assert past == {"no_proxy": "example.com,127.0.0.1", "NO_PROXY": "example.com,127.0.0.1"}
    for name, value in past.items():
        monkeypatch.setenv(name, value)
    cloud = LocalCloud(tmp_path / "local")
    try:
        assert cloud.up().environment().items() >= past.items()
    finally:
        cloud.down()


def test_where_an_api_is_reached() -> None:
    url = "https://abc123.execute-api.eu-west-1.amazonaws.com/v1/fraud/predictions"
    assert (
        execute_api_url(url, "http://127.0.0.1:1") == "http://127.0.0.1:1/_aws/execute-api/abc123/v1/fraud/predictions"
    )
    assert execute_api_url("https://api.example.com/v1/", "http://127.0.0.1:1") == "https://api.example.com/v1/"
