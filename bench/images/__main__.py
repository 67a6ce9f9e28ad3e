"""``python -m bench.images``: train on several seeds, show the table, and write build/bench/images.json."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tarfile
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from contract.paths import Paths
from mdlc.systems import IMAGES
from mdlc.systems.images.generate import generate
from vision.evaluate import evaluate
from vision.prepare import Split, prepare
from vision.train import train

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "1 epoch": {"epochs": "1", "augment": "false"},
    "10 epochs": {"epochs": "10", "augment": "false"},
    "10 epochs, augmented": {"epochs": "10", "augment": "true"},
}
IMAGE_SIZE: Final = 72
SPLIT: Final = Split(val_fraction=0.2, test_fraction=0.4)
TOLERANCE: Final = 0.02
"""How much lower the mean of macro F1 may be with augmentation before we say that it hurts."""


@dataclass(frozen=True)
class Result:
    """One training: the test set's macro F1 and the seconds that training took."""

    setting: str
    seed: int
    macro_f1: float
    seconds: float


def measure(setting: str, seed: int, rows: int) -> Result:
    """Generate pictures, train and evaluate; the seed is that of the pictures, the split and the training."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        paths = Paths(Path(folder))
        inputs = paths.base / "processing/input"
        generate(inputs / "data", seed=seed, rows=rows)
        prepare(paths, Split(seed, SPLIT.val_fraction, SPLIT.test_fraction))
        shutil.copytree(paths.processing_output("training"), paths.base / "input/data/training")
        arguments = {**SETTINGS[setting], "image-size": str(IMAGE_SIZE), "seed": str(seed)}
        begun = time.monotonic()
        train(paths, [word for name, value in arguments.items() for word in (f"--{name}", value)])
        seconds = time.monotonic() - begun
        (inputs / "model").mkdir()
        with tarfile.open(inputs / "model/model.tar.gz", "w:gz") as tar:
            for file in paths.model.iterdir():
                tar.add(file, file.name)
        shutil.copytree(paths.processing_output("test"), inputs / "test")
        evaluate(paths)
        report = json.loads((paths.processing_output("evaluation") / "evaluation.json").read_text(encoding="utf-8"))
    return Result(setting, seed, report["classification_metrics"]["macro_f1"]["value"], seconds)


def verdict(results: Sequence[Result]) -> Mapping[str, bool]:
    """Say whether ten epochs beat one on every seed, and whether augmentation leaves the mean as high."""
    figures = {(result.setting, result.seed): result.macro_f1 for result in results}
    once, often, augmented = SETTINGS
    seeds = sorted({seed for _, seed in figures})
    return {
        "ten_epochs_beat_one": all(figures[often, seed] > figures[once, seed] for seed in seeds),
        "augmentation_does_not_hurt": mean(results, augmented) >= mean(results, often) - TOLERANCE,
    }


def mean(results: Sequence[Result], setting: str) -> float:
    """Return the mean macro F1 of a setting."""
    return statistics.mean(result.macro_f1 for result in results if result.setting == setting)


def show(results: Sequence[Result], console: Console) -> None:
    """Print a row per setting: macro F1 by seed, its mean, and the seconds of a training."""
    seeds = sorted({result.seed for result in results})
    table = Table("macro F1", *(f"seed {seed}" for seed in seeds), "mean", "training")
    for setting in SETTINGS:
        own = sorted((result for result in results if result.setting == setting), key=lambda result: result.seed)
        seconds = statistics.median(result.seconds for result in own)
        table.add_row(
            setting, *(f"{result.macro_f1:.3f}" for result in own), f"{mean(own, setting):.3f}", f"{seconds:.0f} s"
        )
    console.print(table)


def main(argv: Sequence[str]) -> int:
    """Measure; return 1 when ten epochs do not beat one, or augmentation hurts."""
    parser = argparse.ArgumentParser(prog="python -m bench.images", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=IMAGES.rows)
    parser.add_argument("--output", type=Path, default=Path("build/bench/images.json"))
    arguments = parser.parse_args(argv)
    console = Console()
    todo = [(setting, seed) for seed in range(arguments.seeds) for setting in SETTINGS]
    results = [measure(*each, arguments.rows) for each in track(todo, "training", console=console)]
    found = verdict(results)
    show(results, console)
    for name, holds in found.items():
        console.print(f"{name.replace('_', ' ')}: {'yes' if holds else 'no'}")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    document = {**found, "results": [asdict(result) for result in results]}
    arguments.output.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
