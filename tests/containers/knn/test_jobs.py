"""The jobs of the image: the published figures, the built-in algorithm's log lines, and what is refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsRegressor

from contract.errors import InputError
from contract.hyperparameters import parse_hyperparameters
from knn.evaluate import evaluate
from knn.index import Index
from knn.prepare import prepare, split
from knn.tables import parse, read_folder
from knn.train import Hyperparameters, build, train
from ml_constructs.systems.knn import METRICS
from tests.containers.knn.conftest import CSV, REQUIRED, archive, configure, given

if TYPE_CHECKING:
    from pathlib import Path

    from contract.paths import Paths

SMALL = "0,1,1\n1,5,5\n0,1,2\n1,5,6\n"


def test_the_split_is_scikit_learns_row_for_row(iris: Paths) -> None:
    data = load_iris()
    expected = train_test_split(data.data, data.target, shuffle=True, random_state=0)
    for name, features, labels in (("train", expected[0], expected[2]), ("test", expected[1], expected[3])):
        rows = read_folder(iris.processing_output(name))
        np.testing.assert_array_equal(rows.features, features)
        np.testing.assert_array_equal(rows.labels, labels)
    assert [len(part) for part in split(150, 0.25, 0)] == [112, 38]


def test_the_evaluation_has_the_published_figures(iris: Paths) -> None:
    report = json.loads((iris.processing_output("evaluation") / "evaluation.json").read_text())
    metrics = report["classification_metrics"]
    assert metrics["accuracy"] == {"value": 0.9736842105263158, "standard_deviation": "NaN"}
    assert str(np.float32(metrics["macro_f1"]["value"])) == "0.97170347"
    multiclass = report["multiclass_classification_metrics"]
    assert multiclass["confusion_matrix"] == {
        "0": {"0": 13, "1": 0, "2": 0},
        "1": {"0": 0, "1": 15, "2": 1},
        "2": {"0": 0, "1": 0, "2": 9},
    }
    assert report["dataset"] == {"item_count": 38}


def test_the_test_channel_prints_the_documented_line(
    base: Paths, iris: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {name: (iris.processing_output(name) / f"{name}.csv").read_text() for name in ("train", "test")}
    train(given(base, rows["train"], rows["test"], feature_dim="4"))
    log = capsys.readouterr().out
    assert "#test_score (algo-1) : ('accuracy', 0.9736842105263158)\n" in log
    found = {name: re.findall(regex, log) for name, regex in METRICS}
    assert found["test:accuracy"] == ["0.9736842105263158"]
    assert str(np.float32(found["test:macro_f1"][0])) == "0.97170347"


def test_a_line_per_mini_batch_and_the_last_says_all(base: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    train(given(base, SMALL, "0,1,1\n1,1,1\n1,5,5\n", mini_batch_size="2"))
    assert re.findall(r"'accuracy', (.*)\)", capsys.readouterr().out) == ["0.5", repr(2 / 3)]


def test_a_regressor_prints_its_error(base: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    train(given(base, SMALL, "0.5,1,1\n", predictor_type="regressor"))
    assert "#test_score (algo-1) : ('mse', 0.25)\n" in capsys.readouterr().out


def test_a_regressor_is_evaluated_in_the_regression_format(base: Paths) -> None:
    train(given(base, SMALL, "0.5,1,1\n", predictor_type="regressor"))
    archive(base, base.base / "processing/input/model")
    (base.base / "processing/input/test").mkdir()
    (base.base / "processing/input/test/test.csv").write_text("0.5,1,1\n1,5,5\n")
    evaluate(base)
    report = json.loads((base.processing_output("evaluation") / "evaluation.json").read_text())
    assert report["regression_metrics"]["mse"]["value"] == 0.125
    assert report["regression_metrics"]["mae"]["value"] == 0.25


def test_without_a_test_channel_nothing_is_scored(base: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    train(given(base, SMALL))
    log = capsys.readouterr().out
    assert "#test_score" not in log
    assert "there is no test channel" in log
    assert Index.load(base.model).labels.size == 4


def test_a_job_that_starts_again_ends_with_the_same_model(base: Paths, tmp_path: Path) -> None:
    rows = "\n".join(f"{row % 2},{row},{row % 7},{row % 5}" for row in range(300))
    more = {"sample_size": "200", "dimension_reduction_type": "sign", "dimension_reduction_target": "2"}
    again = type(base)(tmp_path / "again")
    for paths in (base, again):
        paths.checkpoints.mkdir(parents=True)
        train(given(paths, rows, rows, **more))
    assert {file.name: file.read_bytes() for file in base.model.iterdir()} == {
        file.name: file.read_bytes() for file in again.model.iterdir()
    }
    assert list(base.checkpoints.iterdir()) == []


def test_the_sample_is_as_large_as_asked_and_repeatable() -> None:
    examples = parse("\n".join(f"{row % 2},{row}" for row in range(100)).encode(), "x.csv")
    settings = parse_hyperparameters(Hyperparameters, REQUIRED | {"sample_size": "10"})
    first, second = build(settings, examples), build(settings, examples)
    assert first.labels.size == 10
    assert len(np.unique(first.rows)) == 10
    np.testing.assert_array_equal(first.rows, second.rows)


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
def test_reduced_neighbours_stay_near(kind: str) -> None:
    generator = np.random.default_rng(2)
    centres = generator.normal(size=(3, 64)) * 10
    labels = generator.integers(0, 3, size=120)
    table = np.column_stack([labels, centres[labels] + generator.normal(size=(120, 64))])
    examples = parse("\n".join(",".join(map(repr, row)) for row in table.tolist()).encode(), "x.csv")
    more = {"dimension_reduction_type": kind, "dimension_reduction_target": "16", "k": "3"}
    index = build(parse_hyperparameters(Hyperparameters, REQUIRED | more), examples)
    assert index.rows.shape == (120, 16)
    assert (index.predict(index.search(examples.features)) == labels).all()


def test_a_regressor_equals_scikit_learns() -> None:
    generator = np.random.default_rng(3)
    table = generator.normal(size=(80, 4))
    examples = parse("\n".join(",".join(map(repr, row)) for row in table.tolist()).encode(), "x.csv")
    settings = parse_hyperparameters(Hyperparameters, REQUIRED | {"k": "4", "predictor_type": "regressor"})
    index = build(settings, examples)
    questions = generator.normal(size=(9, 3))
    reference = KNeighborsRegressor(4, algorithm="brute").fit(table[:, 1:], table[:, 0])
    np.testing.assert_allclose(index.predict(index.search(questions)), reference.predict(questions))


def test_pipe_mode_reads_the_channels_fifo(base: Paths) -> None:
    """AWS streams a channel's objects, one after the other, into a pipe that ends with the epoch."""
    configure(base, REQUIRED, {"train": {"ContentType": CSV, "TrainingInputMode": "Pipe"}})
    (base.base / "input/data").mkdir(parents=True)
    pipe = base.base / "input/data/train_0"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(SMALL))
    writer.start()
    train(base)
    writer.join()
    assert Index.load(base.model).labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"k": "0"}, "hyperparameter k must be at least 1, not '0'"),
        ({"k": "5"}, "hyperparameter k is 5, and the index has 4 rows only"),
        ({"predictor_type": "ranker"}, "predictor_type must be one of classifier, regressor"),
        ({"feature_dim": "3"}, "hyperparameter feature_dim is 3, and channel train has 2 features"),
        ({"index_metric": "L3"}, "index_metric must be one of L2, INNER_PRODUCT, COSINE"),
        ({"k": "three"}, "hyperparameter k must be a whole number, not 'three'"),
        ({"index_type": "faiss.IVFFlat"}, "index_type must be one of faiss.Flat"),
        ({"dimension_reduction_type": "pca"}, "dimension_reduction_type must be one of sign, fjlt"),
        ({"dimension_reduction_type": "sign"}, "go together"),
        ({"dimension_reduction_target": "1"}, "go together"),
        (
            {"dimension_reduction_type": "sign", "dimension_reduction_target": "2"},
            "dimension_reduction_target must be below the 2 features, not 2",
        ),
        ({"neighbours": "3"}, "hyperparameter neighbours is unknown"),
    ],
)
def test_wrong_hyperparameters_are_refused(base: Paths, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError, match=re.escape(sentence)):
        train(given(base, SMALL, **changes))


@pytest.mark.parametrize("name", REQUIRED)
def test_required_hyperparameters_are_named(base: Paths, name: str) -> None:
    given(base, SMALL)
    left = {key: value for key, value in REQUIRED.items() if key != name}
    base.hyperparameters.write_text(json.dumps(left))
    with pytest.raises(InputError, match=f"hyperparameter {name} is missing"):
        train(base)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "train.csv is empty"),
        ("species,a,b\n0,1,1\n", "train.csv is not a headerless CSV of numbers"),
        ("5.1,3.5\n4.9,3.0\n", "row 1: the first column has 5.1, and the label of a class is a whole number"),
        ("1\n2\n", "train.csv has one column: the label comes first"),
        ("0,1,1\n0,5,5\n", "channel train has the label 0 only: a classifier needs two at least"),
        ("0,1,1\nnan,5,5\n", "train.csv, row 2, column 1: the number is not finite"),
        ("0,1,1\n1,inf,5\n", "train.csv, row 2, column 2: the number is not finite"),
        ("0,1,1\n1,5\n", "train.csv is not a headerless CSV of numbers"),
    ],
)
def test_bad_tables_are_refused_with_a_sentence(base: Paths, content: str, sentence: str) -> None:
    with pytest.raises(InputError, match=re.escape(sentence)):
        train(given(base, content))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match=r"x\.csv is not UTF-8: byte 0 is 0xff"):
        parse(b"\xff\xfe0,1", "x.csv")


def test_a_byte_order_mark_and_crlf_are_read() -> None:
    examples = parse(b"\xef\xbb\xbf0,1.5\r\n1,2.5\r\n", "x.csv")
    assert (examples.labels.tolist(), examples.features.tolist()) == ([0, 1], [[1.5], [2.5]])


@pytest.mark.parametrize(
    ("content_type", "sentence"),
    [
        (
            "application/x-recordio-protobuf",
            "channel train is of the content type application/x-recordio-protobuf: this image reads text/csv",
        ),
        ("", "channel train is without a content type: this image reads text/csv;label_size=1"),
        ("text/csv; label_size=2", "channel train has label_size=2: k-NN takes one label, in the first column"),
    ],
)
def test_other_content_types_are_refused(base: Paths, content_type: str, sentence: str) -> None:
    given(base, SMALL)
    configure(base, REQUIRED, {"train": {"ContentType": content_type} if content_type else {}})
    with pytest.raises(InputError, match=re.escape(sentence)):
        train(base)


def test_a_missing_channel_an_empty_one_and_other_widths_are_refused(base: Paths) -> None:
    configure(base, REQUIRED, {})
    with pytest.raises(InputError, match="the training job has no channel train"):
        train(base)
    (base.base / "input/data/train").mkdir(parents=True)
    with pytest.raises(InputError, match="there is no file"):
        train(base)
    (base.base / "input/data/train/a.csv").write_text(SMALL)
    (base.base / "input/data/train/b.csv").write_text("0,1\n")
    with pytest.raises(InputError, match="different numbers of columns"):
        train(base)


def test_a_test_channel_of_another_width_is_refused(base: Paths) -> None:
    with pytest.raises(InputError, match="channel test has 1 features, and channel train 2"):
        train(given(base, SMALL, "0,1\n"))


@pytest.mark.parametrize(("fraction", "sentence"), [(0.0, "between 0 and 1"), (1.5, "between 0 and 1")])
def test_impossible_splits_are_refused(base: Paths, fraction: float, sentence: str) -> None:
    folder = base.base / "processing/input/data"
    folder.mkdir(parents=True)
    (folder / "iris.csv").write_text(SMALL)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match=sentence):
        prepare(base, 0, fraction)
    with pytest.raises(InputError, match="seed must be between 0 and 4294967295, not -1"):
        prepare(base, -1, 0.25)
    (folder / "iris.csv").write_text("0,1\n")
    with pytest.raises(InputError, match="1 rows are too few"):
        prepare(base, 0, 0.25)


def test_an_evaluation_without_a_model_is_refused(base: Paths, tmp_path: Path) -> None:
    folder = base.base / "processing/input/model"
    folder.mkdir(parents=True)
    with pytest.raises(InputError, match=r"model\.tar\.gz does not exist"):
        evaluate(base)
    (folder / "model.tar.gz").write_bytes(b"no archive")
    (base.base / "processing/input/test").mkdir()
    with pytest.raises(InputError, match="is not a gzip-compressed tar archive"):
        evaluate(base)
    assert tmp_path.exists()


@pytest.mark.slow
def test_sigterm_ends_training_at_once(base: Paths) -> None:
    configure(base, REQUIRED, {"train": {"ContentType": CSV, "TrainingInputMode": "Pipe"}})
    (base.base / "input/data").mkdir(parents=True)
    os.mkfifo(base.base / "input/data/train_0")
    process = subprocess.Popen(
        [sys.executable, "-m", "knn", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base.base)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with (base.base / "input/data/train_0").open("w"):  # opens when the job has begun to read, and never ends
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (1, "the job was stopped before the index was there\n")
    assert base.training_failure.read_text() == "the job was stopped before the index was there"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "report", "sentence"),
    [
        (("train",), "output/failure", "hyperparameter k is missing"),
        (("prepare", "--seed", "x"), "output/message", "wrong arguments: argument --seed"),
        (("evaluate",), "output/message", "the processing job has no input model"),
        ((), "output/message", "wrong arguments: the following arguments are required: command"),
    ],
)
def test_failures_are_written_where_sagemaker_reads_them(
    base: Paths, arguments: tuple[str, ...], report: str, sentence: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "knn", *arguments],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base.base)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert (base.base / report).read_text().startswith(sentence)
