"""``prepare``: divides folders of pictures, one per class, into a train, a val and a test set."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contract.errors import InputError
from contract.job import log
from contract.published import MANIFEST, published_input
from vision.pictures import PictureFolder, read, read_folder, require_classes

if TYPE_CHECKING:
    from contract.paths import Paths

WEIGHTS = "weights"
IGNORED = (MANIFEST, WEIGHTS)
"""What a data version holds beside its pictures: weights/*.safetensors is where training begins."""


@dataclass(frozen=True)
class Split:
    """Which share of each class is held out, and the seed that decides which pictures."""

    seed: int = 42
    val_fraction: float = 0.2
    test_fraction: float = 0.3

    def __post_init__(self) -> None:
        """Refuse shares that would leave nothing."""
        for name, value in (("val-fraction", self.val_fraction), ("test-fraction", self.test_fraction)):
            if not 0 < value < 1:
                raise InputError(f"--{name} must be between 0 and 1, not {value:g}")
        if self.val_fraction + self.test_fraction >= 1:
            raise InputError("--val-fraction and --test-fraction leave nothing to train on: their sum must be below 1")

    def parts(self, folder: PictureFolder) -> dict[str, list[int]]:
        """Return the places of the pictures of each part, every class with its share."""
        generator = np.random.default_rng(self.seed)
        found: dict[str, list[int]] = {"train": [], "val": [], "test": []}
        for label, name in enumerate(folder.classes):
            places = generator.permutation(np.flatnonzero(folder.labels == label))
            val, test = (max(1, round(share * places.size)) for share in (self.val_fraction, self.test_fraction))
            if val + test >= places.size:
                raise InputError(f"{folder.name} has {places.size} pictures of the class {name}: too few to split")
            found["val"] += places[:val].tolist()
            found["test"] += places[val : val + test].tolist()
            found["train"] += places[val + test :].tolist()
        return found


def prepare(paths: Paths, split: Split) -> None:
    """Read processing input data; write outputs training (train, val and, where given, weights) and test.

    Every picture is decoded once: a damaged one ends the job here, by its name, before an instance with a GPU starts.
    """
    source = published_input(paths, "data")
    folder = read_folder(source, "input data", IGNORED)
    require_classes(folder)
    for path in folder.paths:
        read(path)
    training = paths.processing_output("training")
    targets = {"train": training / "train", "val": training / "val", "test": paths.processing_output("test")}
    for part, places in split.parts(folder).items():
        for place in places:
            path = folder.paths[place]
            target = targets[part] / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        log(f"{part}: {len(places)} pictures")
    if (source / WEIGHTS).is_dir():
        shutil.copytree(source / WEIGHTS, training / WEIGHTS)
        log("weights: training begins with them")
