"""What a training job may set: as hyperparameters, or as arguments of `train`, which come first."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from contract.errors import InputError
from contract.hyperparameters import Bounds, parse_hyperparameters, read_strings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract.paths import Paths

UNSET = -1


@dataclass(frozen=True)
class Hyperparameters:
    """Names are written with hyphens or underscores.

    `data_dir` holds the folders train and val; without it, it is the channel training, or else where the channels are.
    `model_dir` is where the model goes. `num_gpus` are the job's GPUs: 0 trains on the CPU, more need one at least (one
    is used), and without it a GPU is used when there is one. `image_size` is the side of what the network sees.
    `augment` changes the pictures of the train set by chance, anew in every epoch.
    """

    batch_size: Annotated[int, Bounds(at_least=1)] = 8
    test_batch_size: Annotated[int, Bounds(at_least=1)] = 8
    epochs: Annotated[int, Bounds(at_least=1)] = 10
    num_classes: Annotated[int, Bounds(at_least=2)] = 2
    lr: Annotated[float, Bounds(above=0)] = 0.01
    momentum: Annotated[float, Bounds(at_least=0, at_most=1)] = 0.5
    image_size: Annotated[int, Bounds(at_least=65, at_most=1024)] = 224
    augment: bool = True
    seed: Annotated[int, Bounds(at_least=0)] = 42
    num_gpus: Annotated[int, Bounds(at_least=0)] = UNSET
    model_dir: str = ""
    data_dir: str = ""

    def data(self, paths: Paths) -> Path:
        """Return the folder that holds train, val and, where there are any, weights."""
        if self.data_dir:
            return Path(self.data_dir)
        channels = paths.base / "input/data"
        return channels / "training" if (channels / "training").is_dir() else channels

    def model(self, paths: Paths) -> Path:
        """Return the folder that the model goes to."""
        return Path(self.model_dir) if self.model_dir else paths.model


ARGUMENTS = tuple(f"--{field.name.replace('_', '-')}" for field in fields(Hyperparameters))


def read_settings(paths: Paths, arguments: Sequence[str]) -> Hyperparameters:
    """Read the job's hyperparameters and what `--name value …` says instead; `InputError` names what is wrong."""
    given = _parse_arguments(arguments)
    told = read_strings(paths.hyperparameters)
    others = {name: value for name, value in told.items() if name.replace("_", "-") not in given}
    return parse_hyperparameters(Hyperparameters, {**others, **given})


def _parse_arguments(arguments: Sequence[str]) -> Mapping[str, str]:
    names, values = arguments[::2], arguments[1::2]
    for name in names:
        if name not in ARGUMENTS:
            raise InputError(f"wrong arguments: there is no {name}, there are {', '.join(ARGUMENTS)}")
    if len(names) > len(values):
        raise InputError(f"wrong arguments: {names[-1]} needs a value")
    return {name.removeprefix("--"): value for name, value in zip(names, values, strict=True)}
