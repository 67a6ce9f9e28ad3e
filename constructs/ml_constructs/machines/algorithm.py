"""What the scripts of a training pipeline read and write; the rest of the pipeline is the same for every algorithm."""

from dataclasses import dataclass

from ml_constructs.jobs.training import NUMBER, metric

Metric = tuple[str, str]
"""Name, and the pattern that finds the figure in the job's log."""


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """Folders that one job writes and the next reads, and the metrics of the training.

    `prepared` are the outputs of prepare.py; `channels` those that train.py gets; evaluate.py gets `test`. `objective`
    of evaluation.json decides which run is the best: the highest.
    """

    prepared: tuple[str, ...]
    channels: tuple[str, ...]
    metrics: tuple[Metric, ...]
    objective: str

    def __post_init__(self) -> None:
        """Refuse folders that prepare.py does not write."""
        if missing := [name for name in (*self.channels, "test") if name not in self.prepared]:
            raise ValueError(f"{missing[0]} is no output of prepare.py: it writes {', '.join(self.prepared)}.")


TABULAR = Algorithm(
    prepared=("train", "validation", "test", "baseline", "features"),
    channels=("train", "validation", "features"),
    metrics=(metric("train-auc"), metric("validation-auc")),
    objective="roc_auc",
)
VISION = Algorithm(
    prepared=("training", "test"),
    channels=("training",),
    metrics=tuple(
        (f"{part}:{name}", f"{part} {word}: {NUMBER}")
        for part in ("train", "val")
        for name, word in (("loss", "Loss"), ("accuracy", "Acc"))
    ),
    objective="macro_f1",
)
