"""Run a command so that nothing of it outlives whoever started it: a small supervisor, one per container.

    guard.py ORDERS COMMAND...

ORDERS is a JSON object: `cleanup`, a command to run at the very end, or `[]`; `untouched`, a folder in which the
command must change nothing (it fails if it does), or null. The starter holds the other end of standard input: the byte
`T` asks the command to stop (SIGTERM), `K` and the end of input kill it and all that it started. The input ends by
itself when the starter dies, however it dies. The exit status is the command's, 128 + n for signal n, or 127 when it
could not be started.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], object] | None:
    """Make what a child calls before it becomes the command, so that the guard's own death ends it too (Linux)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def kill_group(leader: int) -> None:
    """Kill a process and everything that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def obey(child: int) -> None:
    """Do what standard input says until it ends."""
    while order := os.read(0, 1):
        if order == b"T":
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        else:
            break
    kill_group(child)


def look(folder: str | None) -> set[tuple[str, int]]:
    """Return every file and folder below a folder, and when it was changed."""
    seen: set[tuple[str, int]] = set()
    for place, folders, files in os.walk(folder or ""):
        for path in (place, *(os.path.join(place, name) for name in (*folders, *files))):  # noqa: PTH118 - plain and fast
            with suppress(OSError):
                seen.add((path, os.lstat(path).st_mtime_ns))
    return seen


def main(cleanup: list[str], untouched: str | None, command: list[str]) -> int:
    """Start the command, obey, and answer with its exit status."""
    before = look(untouched)
    try:
        child = subprocess.Popen(  # noqa: S603 - running what it is given is its purpose
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - there is no second thread yet
        )
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error.strerror}\n")
        return 127
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: kill_group(child.pid))
    threading.Thread(target=obey, args=(child.pid,), daemon=True).start()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # not reaped yet: the group's number is still its own
    kill_group(child.pid)
    status = child.wait()
    if cleanup:
        subprocess.run(  # noqa: S603 - see above
            cleanup, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    if status == 0 and look(untouched) != before:
        sys.stderr.write(
            f"the program wrote to {untouched} of this machine, which is not the folder of its job: read "
            "SAGEMAKER_BASE_DIR or the SM_ variables, or run the local cloud where a process can have its own mounts\n"
        )
        return 1
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    code = main(**json.loads(sys.argv[1]), command=sys.argv[2:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the thread that reads standard input would hold the interpreter
