"""A copy of this machine: scripts run in it, and nothing that they do leaves it."""

import time
from pathlib import Path

import pytest

from localsagemaker.studio.machine import Ended, MachineCopy, Script, prefix
from ml_constructs.studio.notebook import SCRIPT

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def copied() -> None:
    if prefix() is None:
        pytest.fail(
            "this machine gives no process a copy of its files: run the tests as root, where overlayfs may be mounted"
        )


def run(text: str, limit_s: float = 60.0, **environment: str) -> Ended:
    script = Script(content=text.encode(), place="/tmp/OnStart", home="/root", metadata={"ResourceName": "lab"})
    ended = MachineCopy(limit_s).run(script, environment)
    assert ended is not None
    return ended


def test_a_script_finds_its_home_its_path_its_metadata_and_its_role() -> None:
    said = "#!/bin/bash\nid -u; pwd; echo $HOME $PATH $AWS_REGION; cat /opt/ml/metadata/resource-metadata.json"
    home, path = "/root", "/sbin:/bin:/usr/sbin:/usr/bin"
    assert run(said, AWS_REGION="eu-west-1") == Ended(
        0, ("0", home, f"{home} {path} eu-west-1", '{"ResourceName": "lab"}')
    )


def test_what_a_script_writes_stays_in_the_copy() -> None:
    places = [f"/{folder}/w" for folder in ("etc", "usr/bin", "root", "opt", "home", "var", "srv")]
    before = {place for place in places if Path(place).exists()}
    ended = run("#!/bin/bash\nset -e\nfor place in " + " ".join(places) + "; do echo x >$place; done; ls /home /root")
    assert (ended.code, ended.lines) == (0, ("/home:", "w", "", "/root:", "w"))
    assert {place for place in places if Path(place).exists()} == before


def test_a_script_turns_nothing_of_the_machine_and_sees_no_process_of_it() -> None:
    before = Path("/proc/sys/kernel/printk").read_text()
    ended = run(
        "#!/bin/bash\necho 1 >/proc/sys/kernel/printk; mount -o remount,rw /proc/sys; kill -0 2; ls /sys\nexit 3"
    )
    assert ended.code == 3
    assert "Read-only file system" in ended.lines[0]
    assert "No such process" in ended.lines[-1]
    assert Path("/proc/sys/kernel/printk").read_text() == before


def test_a_script_without_an_end_ends_with_all_that_it_started() -> None:
    started = time.monotonic()
    assert run("#!/bin/bash\nnohup sleep 50 >/dev/null & sleep 50", 1.5).code is None
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("program", ["/etc/cron.d", "/usr/bin/crontab", "/usr/sbin/cron"])
def test_there_is_no_cron(program: str) -> None:
    """Source: Amazon Linux 2023 user guide, "Preparing for Amazon Linux 2023": cron is not installed by default."""
    assert run(f"#!/bin/bash\ntest -e {program}").code == 1


@pytest.mark.parametrize(("text", "code"), [("#!/bin/bash\r\ntrue\r\n", 127), ("#!/bin/bash\nset -e\nfalse\n", 1)])
def test_a_script_that_cannot_run_or_fails_says_so(text: str, code: int) -> None:
    assert run(text).code == code


def test_what_stops_a_notebook_instance_is_set_up_by_its_script() -> None:
    script = SCRIPT.read_text().replace("@IDLE_SECONDS@", "3600")
    ended = run(f"{script}\npython3 -m py_compile /usr/local/bin/stop-when-idle\n")
    assert (ended.code, ended.lines) == (
        0,
        (
            "systemctl daemon-reload: noted, no unit runs in the local cloud",
            "systemctl enable --now stop-when-idle.timer: noted, no unit runs in the local cloud",
        ),
    )
