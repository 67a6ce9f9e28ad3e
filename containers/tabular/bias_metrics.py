"""Bias metrics between the group that may be disadvantaged (d) and everybody else (a).

Definitions: "Pre-training Bias Metrics" and "Post-training Data and Model Bias Metrics" of the SageMaker developer
guide. ``q`` is the share of the favourable outcome among the labels of a group, ``q'`` among its predictions. The two
metrics that need more than labels and predictions of two groups (CDDL and CDDPL, which need a third column, and FT,
which needs a counterfactual search) are not computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """Counts of one group; "favourable" is the outcome that a person wants."""

    true_favourable: int
    false_favourable: int
    true_unfavourable: int
    false_unfavourable: int

    @classmethod
    def of(cls, actual: Flags, predicted: Flags) -> Outcomes:
        """Count a group's rows; both arrays say "favourable" row by row."""
        return cls(
            true_favourable=int(np.sum(actual & predicted)),
            false_favourable=int(np.sum(~actual & predicted)),
            true_unfavourable=int(np.sum(~actual & ~predicted)),
            false_unfavourable=int(np.sum(actual & ~predicted)),
        )

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.favourable + self.true_unfavourable + self.false_favourable

    @property
    def favourable(self) -> int:
        """Rows whose label is favourable."""
        return self.true_favourable + self.false_unfavourable

    @property
    def predicted(self) -> int:
        """Rows whose prediction is favourable."""
        return self.true_favourable + self.false_favourable

    @property
    def unfavourable(self) -> int:
        """Rows whose label is unfavourable."""
        return self.size - self.favourable

    @property
    def rejected(self) -> int:
        """Rows whose prediction is unfavourable."""
        return self.size - self.predicted


@dataclass(frozen=True)
class Metric:
    """A metric's short name, its name in full, and its value for (a, d); ZeroDivisionError where it has none."""

    name: str
    description: str
    compute: Callable[[Outcomes, Outcomes], float]


def _label_shares(a: Outcomes, d: Outcomes) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the distribution (favourable, unfavourable) of the labels of both groups."""
    qa, qd = a.favourable / a.size, d.favourable / d.size
    return (qa, 1 - qa), (qd, 1 - qd)


def _kl(p: tuple[float, ...], q: tuple[float, ...]) -> float:
    return sum(x * math.log(x / y) for x, y in zip(p, q, strict=True) if x > 0)


def _js(a: Outcomes, d: Outcomes) -> float:
    pa, pd = _label_shares(a, d)
    middle = tuple((x + y) / 2 for x, y in zip(pa, pd, strict=True))
    return (_kl(pa, middle) + _kl(pd, middle)) / 2


def _label_distance(order: float) -> Callable[[Outcomes, Outcomes], float]:
    def compute(a: Outcomes, d: Outcomes) -> float:
        pa, pd = _label_shares(a, d)
        return float(np.linalg.norm(np.subtract(pa, pd), ord=order))

    return compute


def _generalized_entropy(a: Outcomes, d: Outcomes) -> float:
    """Return half the squared coefficient of variation of the benefits over both groups (prediction - label + 1)."""
    counts = {
        0: a.false_unfavourable + d.false_unfavourable,
        1: a.true_favourable + d.true_favourable + a.true_unfavourable + d.true_unfavourable,
        2: a.false_favourable + d.false_favourable,
    }
    size = sum(counts.values())
    mean = sum(benefit * count for benefit, count in counts.items()) / size
    return sum(count * ((benefit / mean) ** 2 - 1) for benefit, count in counts.items()) / (2 * size)


PRE_TRAINING = (
    Metric("CI", "Class Imbalance (CI)", lambda a, d: (a.size - d.size) / (a.size + d.size)),
    Metric(
        "DPL",
        "Difference in Positive Proportions in Labels (DPL)",
        lambda a, d: a.favourable / a.size - d.favourable / d.size,
    ),
    Metric("JS", "Jensen-Shannon Divergence (JS)", _js),
    Metric("KL", "Kullback-Liebler Divergence (KL)", lambda a, d: _kl(*_label_shares(a, d))),
    Metric("KS", "Kolmogorov-Smirnov Distance (KS)", _label_distance(math.inf)),
    Metric("LP", "L-p Norm (LP)", _label_distance(2)),
    Metric("TVD", "Total Variation Distance (TVD)", lambda a, d: _label_distance(1)(a, d) / 2),
)

POST_TRAINING = (
    Metric(
        "AD",
        "Accuracy Difference (AD)",
        lambda a, d: (
            (a.true_favourable + a.true_unfavourable) / a.size - (d.true_favourable + d.true_unfavourable) / d.size
        ),
    ),
    Metric(
        "DAR",
        "Difference in Acceptance Rates (DAR)",
        lambda a, d: a.true_favourable / a.predicted - d.true_favourable / d.predicted,
    ),
    Metric(
        "DCA",
        "Difference in Conditional Acceptance (DCA)",
        lambda a, d: a.favourable / a.predicted - d.favourable / d.predicted,
    ),
    Metric(
        "DCR",
        "Difference in Conditional Rejections (DCR)",
        lambda a, d: d.unfavourable / d.rejected - a.unfavourable / a.rejected,
    ),
    Metric(
        "DI",
        "Disparate Impact (DI)",
        lambda a, d: (d.predicted / d.size) / (a.predicted / a.size),
    ),
    Metric(
        "DPPL",
        "Difference in Positive Proportions in Predicted Labels (DPPL)",
        lambda a, d: a.predicted / a.size - d.predicted / d.size,
    ),
    Metric(
        "DRR",
        "Difference in Rejection Rates (DRR)",
        lambda a, d: d.true_unfavourable / d.rejected - a.true_unfavourable / a.rejected,
    ),
    Metric("GE", "Generalized Entropy (GE)", _generalized_entropy),
    Metric(
        "RD",
        "Recall Difference (RD)",
        lambda a, d: a.true_favourable / a.favourable - d.true_favourable / d.favourable,
    ),
    Metric(
        "SD",
        "Specificity Difference (SD)",
        lambda a, d: d.true_unfavourable / d.unfavourable - a.true_unfavourable / a.unfavourable,
    ),
    Metric(
        "TE",
        "Treatment Equality (TE)",
        lambda a, d: d.false_unfavourable / d.false_favourable - a.false_unfavourable / a.false_favourable,
    ),
)


_DIFFERENCE = {"from": -0.1, "to": 0.1}
ACCEPTED = {"DPL": _DIFFERENCE, "DPPL": _DIFFERENCE, "RD": _DIFFERENCE, "DI": {"from": 0.8, "to": 1.25}}
"""Where a value is usually called fair, of the metrics that have such a convention.

The ratio is the four-fifths rule of the Uniform Guidelines on Employee Selection Procedures (29 CFR 1607.4 D) in both
directions; the differences are the range that IBM documents for AI Fairness 360's statistical parity difference (of
labels and of predictions) and equal opportunity difference (of recalls): IBM/lale, lale/lib/aif360/util.py.
"""


def measure(metrics: tuple[Metric, ...], a: Outcomes, d: Outcomes) -> list[dict[str, str | float | None]]:
    """Return every metric as Clarify writes it; one without a value has ``value`` null and says why in ``error``."""
    report: list[dict[str, str | float | None]] = []
    for metric in metrics:
        entry: dict[str, str | float | None] = {"name": metric.name, "description": metric.description}
        try:
            entry["value"] = metric.compute(a, d)
        except ZeroDivisionError:
            entry["value"] = None
            entry["error"] = "a count that this metric divides by is zero in one of the groups"
        report.append(entry)
    return report
