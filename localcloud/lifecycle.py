"""The life of a local cloud: up, status, logs, down.

cloud = LocalCloud()                     # state in .mdlc/local/ of the current folder
running = cloud.up(account="111111111111", region="eu-west-1")
boto3 clients, the CDK CLI and `mdlc` reach it with the variables of `cloud.environment()`
cloud.down()
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil

from localcloud.console import PROFILE, TIME_SCALE, Console, LocalCloudError, Running

DEFAULT_ROOT = Path(".mdlc/local")
ACCOUNT, REGION = "111111111111", "eu-west-1"
START_SECONDS, STOP_SECONDS = 60.0, 20.0
WORK = ("work", "tmp", "server.log")  # what a new start begins without


class LocalCloud(Console):
    """The local cloud whose state is in `root`. Several may run at once, each in a folder of its own."""

    def __init__(self, root: Path = DEFAULT_ROOT) -> None:
        self.root = root.absolute()
        self._state = self.root / "state.json"
        self._log = self.root / "server.log"

    def up(
        self,
        port: int = 0,
        account: str = ACCOUNT,
        region: str = REGION,
        time_scale: float = TIME_SCALE,
        profile: str = PROFILE,
    ) -> Running:
        """Start the cloud, or return the one that runs; port 0 takes a free one.

        `profile` says what its accounts may use: `new` or `established`. What a killed cloud left behind is ended and
        removed first. Raises `LocalCloudError`.
        """
        with self._locked():
            if running := self.status():
                return running
            self._clear()
            return self._start(port, account, region, time_scale, profile)

    def status(self) -> Running | None:
        """Find the cloud that runs, or None."""
        running = self._recorded()
        return running if running and _process(running) else None

    def running(self) -> Running:
        """Find the cloud that runs. Raises `LocalCloudError` when none does."""
        if running := self.status():
            return running
        raise LocalCloudError("no local cloud runs here: start it with `mdlc local up`")

    def environment(self, name: str = "") -> dict[str, str]:
        """AWS_* variables for the cloud that runs, in the account and region that stacks `<name>-…` live in."""
        running = self.running()
        if name:
            for stack in self._get("stacks"):
                if stack["name"].startswith(f"{name}-"):
                    region = {"AWS_REGION": stack["region"], "AWS_DEFAULT_REGION": stack["region"]}
                    return running.environment(stack["account"]) | region
        return running.environment()

    def logs(self, *, follow: bool = False) -> Iterator[str]:
        """Lines of the server's log; with `follow`, further ones until the cloud stops."""
        if not self._log.exists():
            return
        with self._log.open(errors="replace") as log:
            while True:
                alive = self.status() is not None
                yield from (line.rstrip("\n") for line in log)
                if not (follow and alive):
                    return
                time.sleep(0.2)

    def down(self) -> bool:
        """Stop the cloud and everything it started; whether one ran."""
        if not self.root.exists():
            return False
        with self._locked():
            running = self.status()
            self._clear()
            return running is not None

    def _start(self, port: int, account: str, region: str, time_scale: float, profile: str) -> Running:
        (self.root / "tmp").mkdir(parents=True)
        secret = secrets.token_hex(20)
        with socket.socket() as listener, self._log.open("w") as log:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError as error:
                raise LocalCloudError(f"port {port} of 127.0.0.1 is taken: choose another") from error
            listener.listen(256)
            port = listener.getsockname()[1]
            command = [sys.executable, "-m", "localcloud.server", "--root", str(self.root)]
            command += ["--socket", str(listener.fileno()), "--time-scale", str(time_scale)]
            command += ["--account-profile", profile]
            process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                env=_server_environment(self.root, port, account, region, secret),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        running = Running(
            process.pid, psutil.Process(process.pid).create_time(), port, account, region, secret, time_scale, profile
        )
        descriptor = os.open(self._state, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as state:
            json.dump(asdict(running), state)
        try:
            self._await(process, running)
        except BaseException:
            self._clear(keep_log=True)
            raise
        return running

    def _await(self, process: "subprocess.Popen[bytes]", running: Running) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                tail = "\n".join(list(self.logs())[-15:])
                raise LocalCloudError(f"the local cloud ended as it started; the end of {self._log}:\n{tail}")
            with contextlib.suppress(urllib.error.URLError, OSError), _health(running):
                return
            time.sleep(0.05)
        raise LocalCloudError(f"the local cloud did not answer within {START_SECONDS:.0f} s; see {self._log}")

    def _recorded(self) -> Running | None:
        try:
            return Running(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def _clear(self, *, keep_log: bool = False) -> None:
        """End the recorded cloud and what it started, and remove what it worked with."""
        if running := self._recorded():
            _end(running)
        for name in WORK:
            path = self.root / name
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif not (keep_log and path == self._log):
                path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)

    @contextlib.contextmanager
    def deploying(self, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
        """Deploy alone: commands that deploy at once wait for each other, and `say` is told so.

        CloudFormation refuses to update a stack that is being updated.
        """
        file = self.root / "work" / "deploying"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                say(f"waiting for process {lock.read().strip() or '?'}, which deploys to this local cloud")
                fcntl.flock(lock, fcntl.LOCK_EX)
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _server_environment(root: Path, port: int, account: str, region: str, secret: str) -> dict[str, str]:
    unwanted = ("AWS_", "MINISTACK_", "S3_", "LAMBDA_", "LOCALSTACK_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return inherited | {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("MDLC_LOG_LEVEL", "WARNING"),
        "MINISTACK_ACCOUNT_ID": account,
        "MINISTACK_REGION": region,
        "MINISTACK_HOST": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(root / "work" / "ministack" / "s3"),
        "STATE_DIR": str(root / "work" / "ministack"),
        "TMPDIR": str(root / "tmp"),
    }


def _health(running: Running) -> contextlib.AbstractContextManager[object]:
    url = f"{running.endpoint}/_mdlc/health"
    health: contextlib.AbstractContextManager[object] = urllib.request.urlopen(url, timeout=5)  # noqa: S310 - http
    return health


def _process(running: Running) -> psutil.Process | None:
    """Find the server's process, if that number still belongs to it."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(running.pid)
        if abs(process.create_time() - running.created) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _end(running: Running) -> None:
    """End the server, then whatever its session still holds."""
    server = _process(running)
    started = _descendants(server, running)
    if server is not None:
        server.send_signal(signal.SIGTERM)
        psutil.wait_procs([server], timeout=STOP_SECONDS)
    left = [process for process in {*started, *_descendants(None, running)} if process.is_running()]
    if server is not None and server.is_running():
        left.append(server)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def _descendants(server: psutil.Process | None, running: Running) -> list[psutil.Process]:
    """Find processes that the server started: its children, and members of the session that it leads or led."""
    found: list[psutil.Process] = []
    if server is not None:
        with contextlib.suppress(psutil.Error):
            found += server.children(recursive=True)
    elif psutil.pid_exists(running.pid):
        return found  # the number has a new owner, and so has the session
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            member = process.pid != running.pid and os.getsid(process.pid) == running.pid
            if member and process.create_time() >= running.created - 1:
                found.append(process)
    return found
