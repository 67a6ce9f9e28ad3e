"""``python -m bench.serving``: measure, show the table, and write build/bench/serving.json."""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.serving.load import run
from bench.serving.model import Payload, make_model, make_payloads, scores_of
from tabular.native.build import build

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SERVERS = ("ours", "fastapi-careful", "fastapi-plain", "echo")
CORE = "libcore.so"
TOLERANCE = 1e-6
LEAST_ANSWERS = 20


@dataclass(frozen=True)
class Measurement:
    """One server, one payload, one round."""

    server: str
    payload: str
    cpu_us: float  # per request, of the server's process tree
    requests_per_second: float
    p50_ms: float
    p99_ms: float


@contextmanager
def serving(name: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run a server with one worker; yields its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "SAGEMAKER_BASE_DIR": str(folder),
        "TABULAR_CORE": str(folder / CORE),
        "SAGEMAKER_BIND_TO_HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
    }
    ours = ["tabular", "serve"]
    command = ours if name == "ours" else ["bench.serving.peers", name, str(port), str(folder / "model")]
    process = psutil.Popen([sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the server {name} did not start")
            time.sleep(0.05)
        yield port, process
    finally:
        process.terminate()
        process.wait(35)


def answers(port: int) -> bool:
    """Say whether /ping is answered."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time that a process and its children have used."""
    return sum(p.cpu_times().user + p.cpu_times().system for p in (process, *process.children(recursive=True)))


def measure(name: str, port: int, process: psutil.Process, payload: Payload, seconds: float) -> Measurement:
    """Check the answer, warm up, then load the server with one and with sixteen connections."""
    first = run(port, payload, 1, 0)
    if name != "echo":
        scores = scores_of(payload, first.last.partition(b"\r\n\r\n")[2])
        worst = max(abs(a - b) for a, b in zip(scores, payload.expected, strict=True))
        if worst > TOLERANCE:
            raise SystemExit(f"{name} answers {payload.name} wrongly: the scores are off by {worst:.2e}")
    run(port, payload, 16, seconds / 2)
    alone = run(port, payload, 1, seconds)
    before = cpu_seconds(process)
    loaded = run(port, payload, 16, seconds)
    used = cpu_seconds(process) - before
    if alone.failures or loaded.failures or len(loaded.latencies) < LEAST_ANSWERS:
        raise SystemExit(f"{name} failed on {payload.name}: {alone.failures + loaded.failures} bad answers")
    count = len(loaded.latencies)
    return Measurement(
        server=name,
        payload=payload.name,
        cpu_us=used / count * 1e6,
        requests_per_second=count / loaded.seconds,
        p50_ms=alone.percentile(0.5),
        p99_ms=alone.percentile(0.99),
    )


def show(
    rounds: Sequence[Sequence[Measurement]], payloads: Sequence[Payload], console: Console
) -> list[dict[str, object]]:
    """Print medians and, against ours, the ratios of CPU per request (median, and the worst round); return them."""
    table = Table("payload", "server", "CPU µs/request", "CPU, ours = 1 (worst)", "requests/s", "p50 ms", "p99 ms")
    summary: list[dict[str, object]] = []
    for payload in payloads:
        for server in SERVERS:
            own = [next(m for m in r if (m.server, m.payload) == ("ours", payload.name)) for r in rounds]
            mine = [next(m for m in r if (m.server, m.payload) == (server, payload.name)) for r in rounds]
            ratios = [m.cpu_us / o.cpu_us for m, o in zip(mine, own, strict=True)]
            row = {
                name: statistics.median(getattr(m, name) for m in mine)
                for name in ("cpu_us", "requests_per_second", "p50_ms", "p99_ms")
            }
            ratio, worst = statistics.median(ratios), min(ratios)
            summary.append({"payload": payload.name, "server": server, **row, "cpu_ratio": ratio, "worst": worst})
            table.add_row(
                payload.name,
                server,
                f"{row['cpu_us']:,.0f}",
                f"{ratio:.2f} ({worst:.2f})",
                f"{row['requests_per_second']:,.0f}",
                f"{row['p50_ms']:.2f}",
                f"{row['p99_ms']:.2f}",
            )
        table.add_section()
    console.print(table)
    return summary


def main() -> None:
    """Measure every server in every round."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of load per measurement")
    parser.add_argument("--output", type=Path, default=Path("build/bench/serving.json"))
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder / CORE)
        payloads = make_payloads(make_model(folder / "model"))
        rounds = []
        for _ in track(range(arguments.rounds), description="rounds", console=Console(stderr=True)):
            measured = []
            for server in SERVERS:
                with serving(server, folder) as (port, process):
                    measured += [measure(server, port, process, payload, arguments.seconds) for payload in payloads]
            rounds.append(measured)
    summary = show(rounds, payloads, console)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()},
        "summary": summary,
        "rounds": [[asdict(measurement) for measurement in measured] for measured in rounds],
    }
    arguments.output.write_text(json.dumps(document, indent=1), encoding="utf-8")
    console.print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
