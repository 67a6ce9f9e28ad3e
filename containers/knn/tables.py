"""Headerless CSV with the label in its first column, from a channel's files or from its pipe."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from contract.files import data_files

if TYPE_CHECKING:
    from pathlib import Path

    from contract.paths import Paths

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Examples:
    """Labels (one per row) and features (rows by features)."""

    labels: Floats
    features: Floats


def read_channel(paths: Paths, name: str) -> Examples:
    """Read a training channel as its entry in inputdataconfig.json says; InputError is a sentence about it."""
    described = _channel_config(paths, name)
    _check_content_type(name, described.get("ContentType", ""))
    if described.get("TrainingInputMode") == "Pipe":
        pipe = paths.base / "input/data" / f"{name}_0"  # one pipe an epoch, and one epoch is all that k-NN reads
        if not pipe.exists():
            raise InputError(f"channel {name} is in Pipe mode, but {pipe} does not exist")
        return parse(pipe.read_bytes(), f"the pipe of channel {name}")
    return read_folder(paths.channel(name))


def read_folder(folder: Path, pattern: str = "*") -> Examples:
    """Read the files of a folder that match, in the order of their names."""
    files = data_files(folder, pattern)
    if not files:
        raise InputError(f"there is no file {pattern} in {folder}")
    parts = [parse(path.read_bytes(), path.name) for path in files]
    widths = {part.features.shape[1] for part in parts}
    if len(widths) > 1:
        raise InputError(f"the files of {folder.name} have different numbers of columns")
    return Examples(np.concatenate([p.labels for p in parts]), np.concatenate([p.features for p in parts]))


def parse(content: bytes, name: str) -> Examples:
    """Read one CSV; InputError names the file, and the row where there is one."""
    if not content.strip():
        raise InputError(f"{name} is empty")
    try:
        text = content.decode("utf-8-sig")
        table = np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2, dtype=np.float64, comments=None)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8: byte {error.start} is {content[error.start]:#04x}") from None
    except ValueError as error:
        raise InputError(f"{name} is not a headerless CSV of numbers: {error}") from None
    if table.shape[1] == 1:
        raise InputError(f"{name} has one column: the label comes first, and features after it")
    rows, columns = np.nonzero(~np.isfinite(table))
    if rows.size:
        raise InputError(f"{name}, row {rows[0] + 1}, column {columns[0] + 1}: the number is not finite")
    return Examples(table[:, 0].copy(), np.ascontiguousarray(table[:, 1:]))


def has_channel(paths: Paths, name: str) -> bool:
    """Say whether the job was given a channel."""
    return name in _channels(paths) or (paths.base / "input/data" / name).is_dir()


def _channels(paths: Paths) -> dict[str, dict[str, str]]:
    if not paths.input_data_config.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(paths.input_data_config.read_text(encoding="utf-8"))
    return found


def _channel_config(paths: Paths, name: str) -> dict[str, str]:
    channels = _channels(paths)
    if name not in channels and not has_channel(paths, name):
        raise InputError(f"the training job has no channel {name}: it has {', '.join(sorted(channels)) or 'none'}")
    return channels.get(name, {"ContentType": "text/csv"})


def _check_content_type(channel: str, content_type: str) -> None:
    name, *parameters = [part.strip().lower() for part in content_type.split(";")]
    if name != "text/csv":
        given = f"of the content type {content_type}" if content_type else "without a content type"
        raise InputError(f"channel {channel} is {given}: this image reads text/csv;label_size=1")
    for parameter in parameters:
        key, _, value = (part.strip() for part in parameter.partition("="))
        if key == "label_size" and value != "1":
            raise InputError(f"channel {channel} has label_size={value}: k-NN takes one label, in the first column")
