"""``train``: epochs over the train set, each judged on the val set; the model is that of the best epoch."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import jax
import numpy as np

from contract.checkpoints import Checkpoints, identity_of
from contract.cpus import available_cpus
from contract.errors import InputError, Stopped
from contract.hosts import is_first_host
from contract.job import log, stop_requests
from vision import learning
from vision.augmentation import Augmentation
from vision.learning import Judged, State
from vision.model import Model, load_arrays, pad, save_arrays, starting_point
from vision.pictures import PictureFolder, Pixels, middle, normalize, read, read_folder, require_classes
from vision.resnet import Arrays, is_statistic
from vision.settings import Hyperparameters, read_settings

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from contract.paths import Paths

HISTORY: Final = "history.json"
STATE: Final = "state.safetensors"
BEST: Final = "best.safetensors"
VELOCITY: Final = "velocity."
ELSEWHERE: Final = ("model_dir", "data_dir", "num_gpus")
"""Settings that do not change the result."""


@dataclass(frozen=True)
class Epoch:
    """The result of an epoch: mean loss and share of right answers, in training and on the val set."""

    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float


def train(paths: Paths, arguments: Sequence[str] = (), augmentation: Augmentation | None = None) -> None:
    """Read the folders train and val; write the model directory and output/data/history.json.

    `augmentation` are the changes of the train set's pictures where the hyperparameter augment asks for them.
    """
    stop = stop_requests()
    settings = read_settings(paths, arguments)
    if not is_first_host(paths):
        return
    device = choose_device(settings.num_gpus)
    data = settings.data(paths)
    training, validation = read_sets(data, settings.num_classes)
    log(f"{len(training.paths)} pictures to train on, {len(validation.paths)} to validate on: {training.classes}")
    log(f"training on {device.device_kind} ({device.platform})")
    changes = (augmentation or Augmentation()) if settings.augment else None
    with jax.default_device(device):
        trainer = Trainer(settings, training, validation, changes, stop)
        progress = trainer.run(checkpoints(paths, settings, data, changes), starting_point_of(settings, data))
    if not progress.epochs:
        log("there is no model yet")
        return
    log(f"the model is that of epoch {progress.best + 1}")
    Model(progress.kept, training.classes, settings.image_size).save(settings.model(paths))
    paths.output_data.mkdir(parents=True, exist_ok=True)
    document = {"hyperparameters": asdict(settings), "epochs": [asdict(epoch) for epoch in progress.epochs]}
    (paths.output_data / HISTORY).write_text(json.dumps(document, indent=1), encoding="utf-8")


def choose_device(gpus: int) -> jax.Device:
    """Return the GPU or CPU to train on; `InputError` when a GPU is asked for and there is none."""
    found = [device for device in jax.devices() if device.platform == "gpu"]
    if gpus > 0 and not found:
        raise InputError(f"hyperparameter num-gpus is {gpus}, and the job sees no GPU: use a GPU instance, or leave it")
    return found[0] if found and gpus else jax.devices("cpu")[0]


def read_sets(data: Path, classes: int) -> tuple[PictureFolder, PictureFolder]:
    """List the train and the val set; `InputError` when they do not fit each other or `classes`."""
    training, validation = read_folder(data / "train", "channel train"), read_folder(data / "val", "channel val")
    require_classes(training)
    if unknown := [name for name in validation.classes if name not in training.classes]:
        raise InputError(f"channel val has the class {unknown[0]}, and channel train has not")
    if len(training.classes) != classes:
        names = ", ".join(training.classes)
        raise InputError(
            f"hyperparameter num-classes is {classes}, and channel train has {len(training.classes)}: {names}"
        )
    places = np.array([training.classes.index(name) for name in validation.classes], np.int32)
    labels = places[validation.labels]
    return training, PictureFolder(validation.name, training.classes, validation.paths, labels)


def starting_point_of(settings: Hyperparameters, data: Path) -> State:
    """Return the state before the first step."""
    return State.of(starting_point(data, settings.num_classes, settings.seed))


def checkpoints(paths: Paths, settings: Hyperparameters, data: Path, changes: Augmentation | None) -> Checkpoints:
    """Return the job's checkpoints: those of the same settings, pictures and weights."""
    same = {name: value for name, value in asdict(settings).items() if name not in ELSEWHERE}
    told = {"hyperparameters": same, "augmentation": asdict(changes) if changes else None}
    folders = {name: data / name for name in ("train", "val", "weights") if (data / name).is_dir()}
    return Checkpoints.of(paths, identity_of(told, folders) if paths.checkpoints.is_dir() else {})


@dataclass(frozen=True)
class Progress:
    """How far training is: the state after the last epoch, the arrays after the best one, and the result of each."""

    state: State
    kept: Arrays
    epochs: tuple[Epoch, ...]

    @property
    def best(self) -> int:
        """Place of the first epoch with the highest accuracy on the val set; of equal ones that with the least loss."""
        return min(range(len(self.epochs)), key=lambda n: (-self.epochs[n].val_accuracy, self.epochs[n].val_loss))

    def after(self, state: State, epoch: Epoch) -> Progress:
        """Return the progress one epoch later."""
        later = Progress(state, self.kept, (*self.epochs, epoch))
        return replace(later, kept=state.arrays) if later.best == len(self.epochs) else later

    def save(self, folder: Path) -> None:
        """Write a checkpoint's files: arrays with their velocities, the best arrays where they differ, the epochs."""
        velocities = {f"{VELOCITY}{name}": value for name, value in self.state.velocities.items()}
        save_arrays({**self.state.arrays, **velocities}, folder / STATE)
        if self.kept is not self.state.arrays:
            save_arrays(self.kept, folder / BEST)
        (folder / HISTORY).write_text(json.dumps([asdict(epoch) for epoch in self.epochs]), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Progress:
        """Read a checkpoint's files."""
        found = load_arrays(folder / STATE)
        arrays = {name: value for name, value in found.items() if not name.startswith(VELOCITY)}
        velocities = {name: found[f"{VELOCITY}{name}"] for name in arrays if not is_statistic(name)}
        kept = load_arrays(folder / BEST) if (folder / BEST).is_file() else arrays
        epochs = json.loads((folder / HISTORY).read_text(encoding="utf-8"))
        return cls(State(arrays, velocities), kept, tuple(Epoch(**epoch) for epoch in epochs))


@dataclass(frozen=True)
class Trainer:
    """The loop; everything by chance follows from the seed, the epoch and the picture, so that it can be resumed."""

    settings: Hyperparameters
    training: PictureFolder
    validation: PictureFolder
    augmentation: Augmentation | None
    stop: threading.Event

    def run(self, kept: Checkpoints, state: State) -> Progress:
        """Train from the newest checkpoint on where there is one, else from `state`.

        A stop ends it with the last whole epoch; `Stopped` when there is none and no checkpoint folder for the next
        attempt either. `InputError` for a loss that is no number.
        """
        found = kept.latest()
        progress = Progress.load(found.folder) if found else Progress(state, state.arrays, ())
        for number in range(len(progress.epochs), self.settings.epochs):
            state, epoch = self.epoch(number, progress.state)
            if epoch is None:
                if not number and not kept.are_kept:
                    raise Stopped("the job was stopped during the first epoch: there is no model yet")
                log(f"stopped on request after {number} of {self.settings.epochs} epochs")
                break
            self.log_epoch(number, epoch)
            progress = progress.after(state, epoch)
            kept.save(number + 1, progress.save)
        return progress

    def epoch(self, number: int, state: State) -> tuple[State, Epoch | None]:
        """Train one epoch and judge it; None when a stop is requested."""
        judged = []
        for pictures, labels in self.shuffled_batches(number):
            if self.stop.is_set():
                return state, None
            state, batch = learning.step(state, pictures, labels, self.settings.lr, self.settings.momentum)
            judged.append(batch)
        while_training = _mean(judged, len(self.training.paths))
        size = self.settings.test_batch_size
        order = np.arange(len(self.validation.paths))
        held_out = [learning.judge(state.arrays, *batch) for batch in self.batches(self.validation, order, size, None)]
        return state, Epoch(*while_training, *_mean(held_out, order.size))

    def shuffled_batches(self, number: int) -> Iterator[tuple[Pixels, npt.NDArray[np.int32]]]:
        """Yield the train set in an order of this epoch's own; its beginning fills up the last batch."""
        count, size = len(self.training.paths), self.settings.batch_size
        order = np.random.default_rng([self.settings.seed, number]).permutation(count)
        return self.batches(self.training, np.resize(order, math.ceil(count / size) * size), size, number)

    def batches(
        self, folder: PictureFolder, order: npt.NDArray[np.int64], size: int, epoch: int | None
    ) -> Iterator[tuple[Pixels, npt.NDArray[np.int32]]]:
        """Yield pictures and labels, `size` at a time; the last is repeated to fill up. `epoch` is None to judge."""
        with ThreadPoolExecutor(available_cpus()) as pool:
            for start in range(0, order.size, size):
                chosen = order[start : start + size]
                seen = np.stack(list(pool.map(lambda place: self.picture(folder.paths[place], place, epoch), chosen)))
                yield pad(seen, size), pad(folder.labels[chosen], size)

    def picture(self, path: Path, place: int, epoch: int | None) -> Pixels:
        """Return what the network sees of a picture, changed by chance while it trains."""
        image, size = read(path), self.settings.image_size
        if epoch is None or self.augmentation is None:
            return normalize(middle(image, size))
        generator = np.random.default_rng([self.settings.seed, epoch, int(place)])
        return normalize(self.augmentation.apply(image, size, generator))

    def log_epoch(self, number: int, epoch: Epoch) -> None:
        """Log an epoch, as the job's metrics read it; raise `InputError` when the loss is no number any more."""
        log(f"Epoch {number + 1}/{self.settings.epochs}")
        log(f"train Loss: {epoch.train_loss:.6g}")
        log(f"train Acc: {epoch.train_accuracy:.6g}")
        log(f"val Loss: {epoch.val_loss:.6g}")
        log(f"val Acc: {epoch.val_accuracy:.6g}")
        if not math.isfinite(epoch.train_loss):
            raise InputError(
                f"the loss of epoch {number + 1} is {epoch.train_loss:g}: try a smaller lr than {self.settings.lr:g}"
            )


def _mean(batches: Sequence[Judged], count: int) -> tuple[float, float]:
    """Return mean loss and share of right answers of the first `count` pictures: the others fill up batches."""
    losses = np.concatenate([np.asarray(batch.losses, np.float64) for batch in batches])[:count]
    right = np.concatenate([np.asarray(batch.right) for batch in batches])[:count]
    return float(losses.mean()), float(right.mean())
