"""``python -m bench.consensus``: measure in turn, show the table, and write build/bench/consensus.json."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

PEER: Final = Path("build/bench-consensus/bin/python")
"""The environment of `make bench`, from bench/consensus/requirements.txt."""
RUNS: Final = {
    "ours": [sys.executable, "-m", "bench.consensus.ours"],
    "crowd-kit": [str(PEER), "-m", "bench.consensus.peer"],
    "crowd-kit, 20 rounds": [str(PEER), "-m", "bench.consensus.peer"],
}
ROUNDS: Final = {"crowd-kit": ["0"], "crowd-kit, 20 rounds": ["20"]}
GOAL: Final = 60
"""How many times less CPU than crowd-kit's twenty rounds."""


def measure(name: str, votes: int) -> dict[str, float]:
    """Run one of them in a process of its own, on one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join((".", "containers"))}
    command = [*RUNS[name], str(votes), *ROUNDS.get(name, [])]
    done = subprocess.run(  # noqa: S603 - our own modules
        command, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{name} failed: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure each in every round."""
    parser = argparse.ArgumentParser(prog="python -m bench.consensus", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path, default=Path("build/bench/consensus.json"))
    arguments = parser.parse_args()
    if not PEER.exists():
        raise SystemExit(f"{PEER} is not there: make bench sets it up.")
    rounds = [
        {name: measure(name, arguments.votes) for name in RUNS}
        for _ in track(range(arguments.rounds), description="rounds", console=Console(stderr=True))
    ]
    table = Table(f"{arguments.votes:,} votes", "CPU s (median)", "CPU, ours = 1 (worst)", "goal", "right labels")
    summary = {}
    for name in RUNS:
        ratios = [each[name]["cpu"] / each["ours"]["cpu"] for each in rounds]
        cpu = statistics.median(each[name]["cpu"] for each in rounds)
        ratio, worst = statistics.median(ratios), min(ratios)
        summary[name] = {"cpu": cpu, "ratio": ratio, "worst": worst, "right": rounds[0][name]["right"]}
        goal = f"{GOAL}" if name == "crowd-kit, 20 rounds" else ""
        table.add_row(name, f"{cpu:.2f}", f"{ratio:.1f} ({worst:.1f})", goal, f"{rounds[0][name]['right']:.4f}")
    console = Console()
    console.print(table)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": {"cpus": os.cpu_count(), "load": os.getloadavg()}, "summary": summary, "rounds": rounds}
    arguments.output.write_text(json.dumps(document, indent=1), encoding="utf-8")
    console.print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
