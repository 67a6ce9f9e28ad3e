"""Figures, durations and times as pages show them: words for people, and times with their zone."""

import json
import math
from datetime import UTC, datetime
from typing import Final

_NAMES: Final = {
    "roc_auc": "area under the ROC curve",
    "f1": "F1",
    "macro_f1": "macro F1",
    "weighted_f1": "weighted F1",
    "r2": "share of variance explained (R²)",
    "mae": "mean absolute error",
    "mse": "mean squared error",
    "rmse": "root mean squared error",
}

_LARGE: Final = 100
"""From here on, more than two decimals are noise."""


def seconds(value: float | None) -> str:
    """Return a duration for people: `31 ms`, `0.4 s`, `12 s`, `3 min 20 s`."""
    if value is None:
        return "unknown"
    if value < 0.1:  # noqa: PLR2004 - less reads as nothing
        return f"{value * 1000:.0f} ms"
    if value < 10:  # noqa: PLR2004 - one decimal is enough
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(value: datetime | None) -> str:
    """Return a time with its date and zone: `2026-11-28 19:30:58 UTC`; one without a zone is in UTC."""
    if value is None:
        return "unknown"
    there = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{there:%Y-%m-%d %H:%M:%S} UTC"


def figure(value: float | None) -> str:
    """Return a figure for people: four decimals, of small ones three digits: `0.5000`, `0.00075`, `1.5e-05`."""
    if value is None:
        return "not measured"
    if not math.isfinite(value):
        return str(value)
    small = value != 0 and abs(value) < 1e-3  # noqa: PLR2004 - four decimals would show one digit of it
    return f"{value:.3g}" if small else f"{value:.4f}"


def amount(value: float) -> str:
    """Return a figure of any size in its own unit: `9,809.85` from 100 on, else as `figure` does."""
    return f"{value:,.2f}" if math.isfinite(value) and abs(value) >= _LARGE else figure(value)


def label(value: object) -> str:
    """Return a class label as people write it: `2` for the 2.0 of an answer."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def sentence(words: str) -> str:
    """Return words that begin a sentence: the first letter is a capital, the others stay."""
    return words[:1].upper() + words[1:]


def metric(name: str) -> str:
    """Return the name of a metric in words."""
    return _NAMES.get(name, name.replace("_", " "))


def status(value: str) -> str:
    """Return a status of AWS in words: `succeeded` for SUCCEEDED, `timed out` for TIMED_OUT."""
    return value.lower().replace("_", " ")


def hyperparameters(given: dict[str, str]) -> str:
    """Return hyperparameters as one line: `eta 0.1, max_depth 3`."""
    return ", ".join(f"{name} {value}" for name, value in given.items())


def pretty(document: object) -> str:
    """Return a JSON document over several lines."""
    return json.dumps(document, indent=2, ensure_ascii=False)
