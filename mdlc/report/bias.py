"""What a bias analysis says, read from a report in Clarify's format: each metric with its range and what is good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_ACCEPTED: Final = {"DI": {"from": 0.8, "to": 1.25}}
"""What a report that names no ranges is judged by, such as Clarify's own: Clarify calls 1 good and names no range."""
SOURCES: Final = {
    "DI": "The range of the ratio is the four-fifths rule of 29 CFR 1607.4 D (US selection for employment), both ways.",
    "DPL DPPL RD": "The range of the differences is the one that IBM documents for AI Fairness 360's differences of "
    "statistical parity and equal opportunity.",
}
"""Where the accepted ranges are from, by the metrics that have them.

29 CFR 1607.4 D: a selection rate below four fifths of the highest group's is generally regarded as evidence of adverse
impact; greater differences may be none where they rest on small numbers. For the differences: IBM/lale,
lale/lib/aif360/util.py, "Fairness for this metric is between -0.1 and 0.1" (and for the ratio "between 0.8 and 1.25").
SageMaker's developer guide names no range for any metric.
"""
RULE_OF_THUMB: Final = (
    "Both are rules of thumb and no law of your case: with few rows a value beyond them may be chance."
)


@dataclass(frozen=True)
class Scale:
    """What a metric's values mean: those that it can have, the best one, and what a value above that says."""

    range: str
    good: str
    above: str = ""
    below: str = ""


_GROUP: Final = "worse for the group"
_OTHERS: Final = "worse for the others"
_SIGNED: Final = Scale("-1 to 1", "0", _GROUP, _OTHERS)
_SHARES: Final = Scale("-1 to 1", "0")
_DISTANCE: Final = Scale("0 to 1", "0")
SCALES: Final[Mapping[str, Scale]] = {
    "CI": Scale("-1 to 1", "0", "the group has fewer rows", "the group has more rows"),
    "DPL": _SIGNED,
    "JS": Scale("0 to 0.69", "0"),
    "KL": Scale("0 or more", "0"),
    "KS": _DISTANCE,
    "LP": Scale("0 to 1.41", "0"),
    "TVD": _DISTANCE,
    "CDDL": _SIGNED,
    "AD": _SIGNED,
    "DAR": _SHARES,
    "DCA": Scale("any", "0"),
    "DCR": Scale("any", "0"),
    "DI": Scale("0 or more", "1", _OTHERS, _GROUP),
    "DPPL": _SIGNED,
    "DRR": _SHARES,
    "GE": Scale("0 or more", "0"),
    "RD": _SIGNED,
    "SD": _SHARES,
    "TE": Scale("any", "0"),
    "CDDPL": _SIGNED,
    "FT": _SHARES,
}
"""From the definitions in "Pre-training Bias Metrics" and "Post-training Data and Model Bias Metrics", SageMaker
developer guide. Where a sign alone does not say who is worse off, nothing is said of it."""
_PARTS: Final = (
    ("pre_training_bias_metrics", "In the labels, before training"),
    ("post_training_bias_metrics", "In the predictions"),
)


@dataclass(frozen=True)
class Metric:
    """One figure; None where a count that it divides by is zero. `accepted` is the range that counts as fair."""

    name: str
    description: str
    value: float | None
    accepted: tuple[float, float] | None = None

    @property
    def scale(self) -> Scale:
        """What its values mean."""
        return SCALES.get(self.name, Scale("", ""))

    @property
    def good(self) -> str:
        """The best value, and the range that counts as fair where there is one: `0, -0.1 to 0.1 is accepted`."""
        if self.accepted is None:
            return self.scale.good
        low, high = self.accepted
        return f"{self.scale.good}; {low:g} to {high:g} is accepted"

    @property
    def reading(self) -> str:
        """What the value says; empty where only its distance from the best one counts."""
        if self.value is None:
            return ""
        side = self._side(self.value)
        if self.accepted is None:
            return side
        if self.accepted[0] <= self.value <= self.accepted[1]:
            return "accepted"
        return f"not accepted: {side}" if side else "not accepted"

    def _side(self, value: float) -> str:
        """Say who is worse off."""
        distance = value - (1 if self.scale.good == "1" else 0)
        if abs(distance) < 0.00005:  # noqa: PLR2004 - 0.0000 on the page
            return "even" if self.scale.above else ""
        return self.scale.above if distance > 0 else self.scale.below


@dataclass(frozen=True)
class Size:
    """How many rows of the test set a group has, and how many of them get which prediction.

    `labels` counts those whose label is favourable, `predicted` those whose prediction is; a report without them counts
    the rows that are predicted 1, and no labels.
    """

    who: str
    rows: int
    predicted: int
    labels: int | None = None


@dataclass(frozen=True, kw_only=True)
class Bias:
    """A bias analysis of one group; without `parts` where none was asked for."""

    facet: str
    value: str
    label: str
    favourable: str
    parts: tuple[tuple[str, tuple[Metric, ...]], ...]
    sizes: tuple[Size, ...]
    threshold: float | None
    rule: str
    vacuous: bool
    note: str
    """Why nothing was compared, where nothing was."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the accepted ranges of its metrics are from, in a sentence each; none where no metric has one."""
        judged = {metric.name for _, metrics in self.parts for metric in metrics if metric.accepted is not None}
        found = tuple(words for names, words in SOURCES.items() if judged & set(names.split()))
        return (*found, RULE_OF_THUMB) if found else ()

    @property
    def favourable_counted(self) -> bool:
        """Whether the sizes say who has the favourable outcome."""
        return all(size.labels is not None for size in self.sizes)


def read_bias(analysis: Mapping[str, Any]) -> Bias:
    """Read an analysis of one facet; one without the sizes of its groups has none."""
    parts: list[tuple[str, tuple[Metric, ...]]] = []
    facet, value, label, favourable = "", "", "", ""
    accepted = analysis.get("accepted_ranges", _ACCEPTED)
    for key, title in _PARTS:
        if section := analysis.get(key):
            facet, groups = next(iter(section["facets"].items()))
            value, label = str(groups[0]["value_or_threshold"]), str(section["label"])
            favourable = str(section["label_value_or_threshold"])
            parts.append((title, tuple(_metric(each, accepted) for each in groups[0]["metrics"])))
    decision = analysis.get("decision", {})
    return Bias(
        facet=facet,
        value=value,
        label=label,
        favourable=favourable,
        parts=tuple(parts),
        sizes=_sizes(analysis, f"{facet} = {value}"),
        threshold=decision.get("probability_threshold"),
        rule=str(decision.get("rule", "")),
        vacuous=bool(decision.get("vacuous", False)),
        note=str(analysis.get("note", "")),
    )


def _metric(written: Mapping[str, Any], accepted: Mapping[str, Mapping[str, float]]) -> Metric:
    name, value = str(written["name"]), written.get("value")
    description = str(written.get("description", "")).removesuffix(f" ({name})")
    fair = (accepted[name]["from"], accepted[name]["to"]) if name in accepted else None
    return Metric(name, description, float(value) if isinstance(value, int | float) else None, fair)


def _sizes(analysis: Mapping[str, Any], group: str) -> tuple[Size, ...]:
    if groups := analysis.get("groups"):
        return tuple(
            Size(who, sizes["rows"], sizes["favorable_predictions"], sizes["favorable_labels"])
            for who, sizes in ((group, groups["facet"]), ("all others", groups["others"]))
        )
    decision = analysis.get("decision", {})
    if "facet_rows" not in decision or "facet_predicted_1" not in decision:
        return ()
    rows, members = int(decision["rows"]), int(decision["facet_rows"])
    predicted, of_them = int(decision["predicted_1"]), int(decision["facet_predicted_1"])
    return (Size(group, members, of_them), Size("all others", rows - members, predicted - of_them))
