"""The jobs of the image: what they leave, what they refuse, and that an interruption changes nothing."""

from __future__ import annotations

import json
import math
import re
import shutil
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from contract.checkpoints import Checkpoints
from contract.errors import InputError, Stopped
from contract.paths import Paths
from ml_constructs.machines.algorithm import VISION
from tests.containers.vision.conftest import configure, hand_over, lay_out, pictures
from vision.__main__ import main
from vision.augmentation import Augmentation
from vision.evaluate import evaluate
from vision.model import Model, read_arrays, save_arrays
from vision.pictures import read_folder
from vision.prepare import Split, prepare
from vision.resnet import initial
from vision.settings import read_settings
from vision.train import Epoch, Trainer, train

pytestmark = pytest.mark.slow  # XLA compiles each network anew

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ORIGINAL = r"train Loss: ([0-9\.]+)"
"""The pattern that the article gives."""


class Killed(BaseException):
    """The instance goes away."""


def run(paths: Paths, monkeypatch: pytest.MonkeyPatch, *argv: str) -> str:
    """Run a command that must fail, as SageMaker does; the reason that it left."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(paths.base))
    assert main(list(argv)) == 1
    report = paths.training_failure if argv[0] == "train" else paths.processing_message
    return report.read_text()


def history(paths: Paths) -> list[dict[str, float]]:
    epochs: list[dict[str, float]] = json.loads((paths.output_data / "history.json").read_text())["epochs"]
    return epochs


def test_the_split_gives_every_part_its_share_of_every_class(base: Paths) -> None:
    source = pictures(base.base / "processing/input/data", rows=40)
    (source / "manifest.json").write_text("{}")
    prepare(base, Split(0, 0.2, 0.4))
    training = base.processing_output("training")
    found = {
        "train": read_folder(training / "train", "train"),
        "val": read_folder(training / "val", "val"),
        "test": read_folder(base.processing_output("test"), "test"),
    }
    assert {name: np.bincount(part.labels).tolist() for name, part in found.items()} == {
        "train": [8, 8],
        "val": [4, 4],
        "test": [8, 8],
    }
    names = [path.name for part in found.values() for path in part.paths]
    assert len(set(names)) == len(names) == 40
    assert not (training / "weights").exists()


def test_weights_of_a_data_version_go_to_training(base: Paths) -> None:
    source = pictures(base.base / "processing/input/data")
    (source / "weights").mkdir()
    (source / "weights/model.safetensors").write_bytes(b"weights")
    prepare(base, Split())
    assert (base.processing_output("training") / "weights/model.safetensors").read_bytes() == b"weights"


@pytest.mark.parametrize(
    ("val", "test", "sentence"),
    [(0.0, 0.3, "--val-fraction must be between 0 and 1, not 0"), (0.5, 0.5, "leave nothing to train on")],
)
def test_impossible_splits_are_refused(val: float, test: float, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Split(0, val, test)


def test_a_corrupt_picture_is_named_before_anything_is_trained(base: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    source = pictures(base.base / "processing/input/data")
    (source / "spots/0002.png").write_bytes((source / "spots/0002.png").read_bytes()[:500])
    assert run(base, monkeypatch, "prepare").startswith("spots/0002.png is a damaged PNG picture")


def broken(change: Callable[[Path], object], **hyperparameters: str) -> tuple[Callable[[Path], object], dict[str, str]]:
    return change, hyperparameters


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def flattened(folder: Path) -> None:
    for path in list(folder.rglob("*.png")):
        path.rename(folder / path.name)
    for entry in list(folder.iterdir()):
        if entry.is_dir():
            entry.rmdir()


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (broken(lambda data: emptied(data / "train")), "channel train is empty: it takes pictures in a folder per"),
        (broken(lambda data: shutil.rmtree(data / "val")), "channel val is empty"),
        (broken(lambda data: flattened(data / "train")), "channel train has no class folders: put each picture into"),
        (broken(lambda data: shutil.rmtree(data / "train/spots")), "channel train has the class stripes only"),
        (
            broken(lambda data: (data / "val/spots").rename(data / "val/dots")),
            "channel val has the class dots, and channel train has not",
        ),
        (broken(lambda data: emptied(data / "val/spots")), "channel val has no picture of the class spots"),
        (
            broken(lambda data: next((data / "train/spots").iterdir()).write_bytes(b"no picture")),
            r"spots/\d+\.png is no PNG or JPEG picture",
        ),
        (broken(lambda _: None, epochs="ten"), "hyperparameter epochs must be a whole number, not 'ten'"),
        (broken(lambda _: None, lr="0"), "hyperparameter lr must be above 0, not '0'"),
        (broken(lambda _: None, image_size="32"), "hyperparameter image-size must be at least 65"),
        (broken(lambda _: None, num_classes="3"), "num-classes is 3, and channel train has 2: spots, stripes"),
        (broken(lambda _: None, num_gpus="1"), "num-gpus is 1, and the job sees no GPU"),
        (broken(lambda _: None, colour="red"), "hyperparameter colour is unknown"),
    ],
)
@pytest.mark.usefixtures("narrow")
def test_bad_input_is_one_clear_sentence(
    case: tuple[Callable[[Path], object], dict[str, str]],
    sentence: str,
    base: Paths,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change, hyperparameters = case
    paths = lay_out(base, **hyperparameters)
    change(paths.base / "input/data/training")
    reason = run(paths, monkeypatch, "train")
    assert re.match(f".*{sentence}", reason)
    assert "\n" not in reason


def test_arguments_are_checked_like_hyperparameters_and_come_first(
    base: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(base, lr="0.5", batch_size="4")
    found = read_settings(base, ["--lr", ".01", "--momentum", ".5", "--num-classes", "3", "--data-dir", "/data"])
    assert (found.lr, found.momentum, found.num_classes, found.batch_size) == (0.01, 0.5, 3, 4)
    assert str(found.data(base)) == "/data"
    assert "there is no --colour, there are --batch-size, " in run(base, monkeypatch, "train", "--colour", "red")
    assert "--lr needs a value" in run(base, monkeypatch, "train", "--lr")
    assert "lr must be a number, not 'much'" in run(base, monkeypatch, "train", "--lr", "much")


def test_the_documented_arguments_are_the_defaults(base: Paths) -> None:
    found = read_settings(base, [])
    assert (found.batch_size, found.test_batch_size, found.epochs, found.num_classes) == (8, 8, 10, 2)
    assert (found.lr, found.momentum) == (0.01, 0.5)
    assert found.data(base) == base.base / "input/data"
    assert found.model(base) == base.model


@pytest.mark.usefixtures("narrow")
def test_all_four_series_are_in_the_log_as_the_job_s_metrics_read_them(
    base: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = lay_out(base)
    train(paths)
    log = capsys.readouterr().out
    found = {name: [float(value) for value in re.findall(regex, log)] for name, regex in VISION.metrics}
    epochs = history(paths)
    assert list(found) == ["train:loss", "train:accuracy", "val:loss", "val:accuracy"]
    for name, values in found.items():
        assert values == pytest.approx([epoch[name.replace(":", "_")] for epoch in epochs], rel=1e-5), name
        assert len(values) == 2
    model = Model.load(paths.model)
    assert (model.classes, model.image_size) == (("spots", "stripes"), 65)


def test_metrics_read_small_numbers_and_nan_which_the_original_pattern_does_not(
    base: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(base)
    folder = read_folder(pictures(base.base / "pictures"), "train")
    trainer = Trainer(read_settings(base, []), folder, folder, None, threading.Event())
    trainer.log_epoch(0, Epoch(1.2e-05, 1.0, 1e-05, 0.5))
    with pytest.raises(InputError, match=r"the loss of epoch 2 is nan: try a smaller lr than 0\.01"):
        trainer.log_epoch(1, Epoch(math.nan, 0.5, math.inf, 0.5))
    log = capsys.readouterr().out
    found = {name: re.findall(regex, log) for name, regex in VISION.metrics}
    assert found["train:loss"] == ["1.2e-05", "nan"]
    assert found["val:loss"] == ["1e-05", "inf"]
    assert found["train:accuracy"] == ["1", "0.5"]
    assert re.findall(ORIGINAL, log) == ["1.2"]


@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.usefixtures("narrow")
def test_an_interruption_after_any_epoch_leaves_the_same_model(
    epoch: int, base: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = lay_out(base, epochs="3")
    train(whole)
    other = Paths(tmp_path / "interrupted")
    shutil.copytree(whole.base / "input", other.base / "input")
    other.checkpoints.mkdir(parents=True)
    save = Checkpoints.save

    def save_and_die(self: Checkpoints, step: int, write: Callable[[Path], None]) -> None:
        save(self, step, write)
        if step == epoch:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", save_and_die)
        with pytest.raises(Killed):
            train(other)
    assert not other.model.exists()
    train(other)
    assert history(other) == history(whole)
    arrays, expected = (read_arrays(paths.model / "model.safetensors") for paths in (other, whole))
    assert all((arrays[name] == value).all() for name, value in expected.items())


@pytest.mark.usefixtures("narrow")
def test_a_checkpoint_of_other_pictures_is_not_resumed(base: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    paths = lay_out(base, epochs="1")
    paths.checkpoints.mkdir(parents=True)
    train(paths)
    next((paths.base / "input/data/training/train/spots").iterdir()).unlink()
    train(paths)
    assert "is not resumed: it was made with other train" in capsys.readouterr().out


@pytest.mark.usefixtures("narrow")
def test_a_stop_keeps_the_model_of_the_last_whole_epoch(base: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    paths, stop = lay_out(base, epochs="3"), threading.Event()
    settings = read_settings(paths, [])
    data = settings.data(paths)
    sets = [read_folder(data / part, part) for part in ("train", "val")]

    class Stopping(Trainer):
        def log_epoch(self, number: int, epoch: Epoch) -> None:
            super().log_epoch(number, epoch)
            stop.set()

    from vision.train import starting_point_of  # noqa: PLC0415 - after the network is made narrow

    progress = Stopping(settings, sets[0], sets[1], Augmentation(), stop).run(
        Checkpoints(None, {}), starting_point_of(settings, data)
    )
    assert len(progress.epochs) == 1
    assert "stopped on request after 1 of 3 epochs" in capsys.readouterr().out
    with pytest.raises(Stopped, match="there is no model yet"):
        Trainer(settings, sets[0], sets[1], None, stop).run(Checkpoints(None, {}), progress.state)
    resumed_later = Trainer(settings, sets[0], sets[1], None, stop).run(Checkpoints(base.base, {}), progress.state)
    assert resumed_later.epochs == ()


@pytest.mark.usefixtures("narrow")
def test_training_begins_with_weights_where_there_are_any(base: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    paths = lay_out(base, epochs="1", lr="1e-9")
    weights = paths.base / "input/data/training/weights"
    weights.mkdir()
    given = {name: value for name, value in initial(1000, seed=9, width=4).items() if "num_batches" not in name}
    save_arrays(given, weights / "resnet18.safetensors")
    train(paths)
    assert "the head is new: resnet18.safetensors has 1000 classes, and train has 2" in capsys.readouterr().out
    found = read_arrays(paths.model / "model.safetensors")
    name = "layer3.0.conv1.weight"
    np.testing.assert_allclose(np.asarray(found[name], np.float32), np.asarray(given[name]), atol=1e-6)
    assert found["fc.weight"].shape == (2, 32)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"conv1.weight": None}, "it has no conv1.weight"),
        ({"layer1.0.conv1.weight": (2, 2)}, r"layer1.0.conv1.weight has the shape \(2, 2\), and \(4, 4, 3, 3\)"),
        ({"features.0.weight": (1,)}, "it has the unknown features.0.weight"),
    ],
)
@pytest.mark.usefixtures("narrow")
def test_weights_of_another_network_are_refused(
    change: dict[str, tuple[int, ...] | None], sentence: str, base: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = lay_out(base)
    weights = paths.base / "input/data/training/weights"
    weights.mkdir()
    arrays: dict[str, object] = dict(initial(2, seed=0, width=4))
    for name, shape in change.items():
        arrays.pop(name, None)
        if shape:
            arrays[name] = np.zeros(shape)
    save_arrays(arrays, weights / "some.safetensors")
    assert re.search(sentence, run(paths, monkeypatch, "train"))


@pytest.mark.usefixtures("narrow")
def test_the_evaluation_has_the_figures_and_the_misclassified_pictures(base: Paths) -> None:
    paths = lay_out(base, epochs="1")
    train(paths)
    hand_over(paths)
    evaluate(paths)
    folder = paths.processing_output("evaluation")
    report = json.loads((folder / "evaluation.json").read_text())
    matrix = report["multiclass_classification_metrics"]["confusion_matrix"]
    wrong = sum(count for actual, row in matrix.items() for predicted, count in row.items() if actual != predicted)
    right = report["dataset"]["item_count"] - wrong
    assert report["classification_metrics"]["accuracy"]["value"] == right / report["dataset"]["item_count"]
    assert set(report["classification_metrics"]) == {"accuracy", "macro_precision", "macro_recall", "macro_f1"}
    mistakes = json.loads((folder / "misclassified.json").read_text())
    assert len(mistakes) == wrong
    assert sorted(str(path.relative_to(folder / "misclassified")) for path in folder.rglob("*.png")) == sorted(
        mistake["picture"] for mistake in mistakes
    )
    assert [m["probability"] for m in mistakes] == sorted((m["probability"] for m in mistakes), reverse=True)


def test_the_model_file_is_one_that_pytorch_reads_as_it_is(base: Paths) -> None:
    save_arrays(initial(2, seed=0, width=4), base.base.parent / "model.safetensors")
    content = (base.base.parent / "model.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])  # the format's own description
    assert header["__metadata__"] == {"format": "pt"}
    assert header["bn1.num_batches_tracked"]["dtype"] == "I64"
    assert header["bn1.num_batches_tracked"]["shape"] == []
    assert header["layer1.0.conv1.weight"]["dtype"] == "F32"
    assert header["layer1.0.conv1.weight"]["shape"] == [4, 4, 3, 3]
