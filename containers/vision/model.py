"""The model artifact: the network's arrays under torchvision's names, and what is needed to ask it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import jax.numpy as jnp
import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

from contract.errors import InputError
from contract.job import log
from vision.learning import probabilities
from vision.resnet import WIDTH, Arrays, initial, shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from vision.pictures import Pixels

ARRAYS: Final = "model.safetensors"
DESCRIPTION: Final = "model.json"
HEAD: Final = ("fc.weight", "fc.bias")
Number = TypeVar("Number", bound=np.generic)
COUNTER: Final = "num_batches_tracked"
BATCH: Final = 8


@dataclass(frozen=True)
class Model:
    """A network, the names of its classes and the side of the pictures that it sees."""

    arrays: Arrays
    classes: tuple[str, ...]
    image_size: int

    def save(self, folder: Path) -> None:
        """Write the artifact's files into the model directory."""
        folder.mkdir(parents=True, exist_ok=True)
        save_arrays(self.arrays, folder / ARRAYS)
        description = {"architecture": "resnet18", "classes": list(self.classes), "image_size": self.image_size}
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read the artifact's files from a directory."""
        for name in (ARRAYS, DESCRIPTION):
            if not (folder / name).is_file():
                raise InputError(f"the model in {folder} has no {name}")
        try:
            description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            classes, image_size = tuple(map(str, description["classes"])), int(description["image_size"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{DESCRIPTION} of the model in {folder} cannot be read: {error}") from error
        arrays = read_arrays(folder / ARRAYS)
        _require(arrays, shapes(len(classes), _width(arrays)), ARRAYS)
        return cls({name: jnp.asarray(value) for name, value in arrays.items()}, classes, image_size)

    def probabilities(self, pictures: Iterable[Pixels]) -> npt.NDArray[np.float32]:
        """Return the probability of every class (pictures by classes)."""
        seen = np.stack(list(pictures))
        found = [
            np.asarray(probabilities(self.arrays, pad(seen[start : start + BATCH], BATCH)))
            for start in range(0, len(seen), BATCH)
        ]
        return np.concatenate(found)[: len(seen)]


def pad(values: npt.NDArray[Number], count: int) -> npt.NDArray[Number]:
    """Return `values` with its last one repeated until there are `count`: each shape is compiled anew."""
    return np.concatenate([values, np.repeat(values[-1:], count - len(values), axis=0)])


def save_arrays(arrays: Mapping[str, object], file: Path) -> None:
    """Write arrays as safetensors, row by row in memory as PyTorch has them; counters are int64 there."""
    save_file(
        {
            name: np.asarray(value, np.int64 if name.endswith(COUNTER) else np.float32, order="C")
            for name, value in arrays.items()
        },
        file,
        metadata={"format": "pt"},
    )


def read_arrays(file: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Read safetensors; `InputError` when the file is none. Numbers become 32-bit ones, counters whole."""
    try:
        found = load_file(file)
    except (safetensors.SafetensorError, KeyError, OSError) as error:
        raise InputError(f"{file.name} is no safetensors file that can be read: {error}") from None
    return {name: value.astype(np.int32 if name.endswith(COUNTER) else np.float32) for name, value in found.items()}


def load_arrays(file: Path) -> Arrays:
    """Read safetensors onto the device."""
    return {name: jnp.asarray(value) for name, value in read_arrays(file).items()}


def starting_point(data: Path, classes: int, seed: int) -> Arrays:
    """Return the network that training begins with: the one file in `weights`, else an untrained one.

    A head for another number of classes is left out and made anew. `InputError` for weights of another network.
    """
    folder = data / "weights"
    files = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    if not files:
        log("there are no weights: training begins with an untrained network")
        return initial(classes, seed)
    if len(files) > 1:
        raise InputError(f"weights has {len(files)} files, {', '.join(file.name for file in files)}: it takes one")
    weights = read_arrays(files[0])
    if (head := weights.get("fc.weight")) is not None and head.shape[:1] != (classes,):
        log(f"the head is new: {files[0].name} has {head.shape[0]} classes, and train has {classes}")
        weights = {name: value for name, value in weights.items() if name not in HEAD}
    fresh = initial(classes, seed, _width(weights))
    optional = {name for name in fresh if name in HEAD or name.endswith(COUNTER)}
    expected = {name: value.shape for name, value in fresh.items() if name in weights or name not in optional}
    _require(weights, expected, files[0].name)
    return fresh | {name: jnp.asarray(value) for name, value in weights.items()}


def _width(arrays: Mapping[str, npt.NDArray[np.generic]]) -> int:
    first = arrays.get("conv1.weight")
    return first.shape[0] if first is not None and first.ndim else WIDTH


def _require(arrays: Mapping[str, npt.NDArray[np.generic]], expected: Mapping[str, tuple[int, ...]], file: str) -> None:
    for name, shape in expected.items():
        if name not in arrays:
            raise InputError(f"{file} is not of a ResNet-18 with torchvision's names: it has no {name}")
        if arrays[name].shape != shape:
            raise InputError(f"{file}: {name} has the shape {arrays[name].shape}, and {shape} is expected")
    if unknown := sorted(arrays.keys() - expected.keys()):
        raise InputError(f"{file} is not of a ResNet-18 with torchvision's names: it has the unknown {unknown[0]}")
