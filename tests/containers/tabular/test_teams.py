"""Tables of teams, by the recipes that travel with them: every job of the image, and the model's answers.

Three of different shape: a binary label and missing values, several classes, numbers to predict.
"""

from __future__ import annotations

import csv
import json
import shutil
import signal
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn import metrics as reference

from contract.errors import InputError
from contract.paths import Paths
from contract.serving.messages import RequestError
from tabular.bias import Facet, bias
from tabular.evaluate import evaluate
from tabular.explain import explain
from tabular.model import Model
from tabular.predictor import TabularPredictor
from tabular.prepare import Split, prepare
from tabular.tables import read_examples
from tabular.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from tabular.tables import Examples

CHURN = """
objective = "binary"
label = "Churned"
identifier = "customer id"
positive = "yes"
[tables."churn.csv"]
age = "number"
plan = "category"
education = { order = ["low", "middle", "high"] }
remarks = "ignore"
[bias]
facet = "plan"
value = "basic"
"""
FLOWERS = """
objective = "multiclass"
label = "species"
classes = ["rare", "some", "many"]
[tables."flowers.csv"]
width = "number"
colour = "category"
[bias]
facet = "width"
value = 0.2
favorable = ["rare", "some"]
"""
HOUSES = """
objective = "regression"
label = "price"
identifier = "house"
[tables."houses.csv"]
area = "number"
[tables."streets.csv"]
noise = { order = ["quiet", "loud"] }
[bias]
facet = "noise"
value = "loud"
favorable = 200000
"""


def write(folder: Path, recipe: str, **tables: list[dict[str, object]]) -> None:
    folder.mkdir(parents=True)
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


def churn(folder: Path) -> None:
    """600 customers; every tenth has no age, every seventh no plan, and some no education."""
    random = np.random.default_rng(1)
    rows: list[dict[str, object]] = []
    for i in range(600):
        age, plan = int(random.integers(18, 80)), str(random.choice(["basic", "<50", ">50"]))
        leaves = random.random() < (0.8 if age < 40 and plan == "basic" else 0.1)
        rows.append(
            {
                "Customer ID": f"c{i}",
                "age": "" if i % 10 == 0 else age,
                "plan": "" if i % 7 == 0 else plan,
                "education": random.choice(["low", "middle", "high", ""]),
                "remarks": 'said "no", \n and left',
                "Churned": "yes" if leaves else "no",
            }
        )
    write(folder, CHURN, churn=rows)


def flowers(folder: Path) -> None:
    """400 flowers whose class is their width's, but for one in twenty; a class of 20 among them."""
    random = np.random.default_rng(2)
    rows: list[dict[str, object]] = []
    for i in range(400):
        species = "rare" if i < 20 else "some" if i < 120 else "many"
        width = {"rare": -1.0, "some": 0.5, "many": 2.0}[species] + random.normal() / 3
        rows.append({"width": round(width, 3), "colour": random.choice(["red", "blue"]), "species": species})
    write(folder, FLOWERS, flowers=rows)


def houses(folder: Path) -> None:
    """300 houses whose price is 2,000 a square metre, less a fifth where the street is loud."""
    random = np.random.default_rng(3)
    homes: list[dict[str, object]] = []
    streets: list[dict[str, object]] = []
    for i in range(300):
        area, noise = int(random.integers(40, 200)), str(random.choice(["quiet", "loud"]))
        homes.append({"house": i, "area": area, "price": area * 2000 * (0.8 if noise == "loud" else 1)})
        streets.append({"house": i, "noise": noise})
    write(folder, HOUSES, houses=homes, streets=streets)


@dataclass(frozen=True)
class Finished:
    """A base directory after every job."""

    paths: Paths

    def document(self, name: str) -> Any:
        return json.loads((self.paths.base / "processing/output" / name).read_text())

    @property
    def model(self) -> Model:
        return Model.load(self.paths.model)

    @property
    def test_set(self) -> Examples:
        return read_examples(self.paths.processing_input("test"), self.model.encoding)

    def ask(self, body: object, accept: bytes = b"application/json") -> Any:
        """Ask the served model; bytes are CSV, anything else JSON instances."""
        predictor = TabularPredictor.load(self.paths.model)
        if isinstance(body, bytes):
            answer = predictor.invoke(body, b"text/csv", accept)
        else:
            answer = predictor.invoke(json.dumps({"instances": body}).encode(), b"application/json", accept)
        if answer.content_type == b"application/json":
            return json.loads(answer.body)["predictions"]
        return answer.body.decode().splitlines()


def finish(paths: Paths, **hyperparameters: str) -> Finished:
    prepare(paths, None, Split(test_fraction=0.3))
    for channel in ("train", "validation", "features"):
        shutil.copytree(paths.processing_output(channel), paths.base / "input/data" / channel)
    paths.hyperparameters.parent.mkdir(parents=True)
    paths.hyperparameters.write_text(json.dumps({"num_round": "40", "eta": "0.3", "max_depth": "3", **hyperparameters}))
    handler = signal.getsignal(signal.SIGTERM)
    train(paths)
    signal.signal(signal.SIGTERM, handler)
    inputs = paths.base / "processing/input"
    (inputs / "model").mkdir()
    with tarfile.open(inputs / "model/model.tar.gz", "w:gz") as tar:
        for file in paths.model.iterdir():
            tar.add(file, file.name)
    shutil.copytree(paths.processing_output("test"), inputs / "test")
    evaluate(paths)
    explain(paths)
    bias(paths)
    return Finished(paths)


def data_of(factory: pytest.TempPathFactory, name: str) -> Paths:
    return Paths(factory.mktemp(name) / "ml")


@pytest.fixture(scope="module")
def churned(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    paths = data_of(tmp_path_factory, "churn")
    churn(paths.base / "processing/input/data")
    return finish(paths)


@pytest.fixture(scope="module")
def classified(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    paths = data_of(tmp_path_factory, "flowers")
    flowers(paths.base / "processing/input/data")
    return finish(paths)


@pytest.fixture(scope="module")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    paths = data_of(tmp_path_factory, "houses")
    houses(paths.base / "processing/input/data")
    return finish(paths, num_round="150")


# a binary label, and missing values


def test_features_of_a_team_have_missing_values_of_their_own(churned: Finished) -> None:
    # "<50" and ">50" leave the same name; sorted, "" comes first and ">50" after "<50".
    assert churned.model.encoding.features == ("age", "plan_missing", "plan_50", "plan_50_2", "plan_basic", "education")
    assert churned.model.encoding.classes == ("no", "yes")


def test_missing_values_are_counted_by_column(churned: Finished) -> None:
    with (churned.paths.processing_input("data") / "churn.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    counts = churned.document("features/missing_values.json")
    assert {name: each["rows"] for name, each in counts.items()} == {"train": 378, "validation": 42, "test": 180}
    for column in ("age", "plan", "education"):
        assert sum(each["columns"][column]["missing"] for each in counts.values()) == sum(not r[column] for r in rows)
    affected = sum(not (row["age"] and row["plan"] and row["education"]) for row in rows)
    assert sum(each["affected_rows"] for each in counts.values()) == affected
    assert churned.document("evaluation/evaluation.json")["missing_values"] == counts["test"]


def test_the_evaluation_of_two_classes_has_both_curves(churned: Finished) -> None:
    report = churned.document("evaluation/evaluation.json")
    binary = report["binary_classification_metrics"]
    test = churned.test_set
    scores = churned.model.scores(test.features)
    assert report["classification_metrics"]["roc_auc"]["value"] == pytest.approx(
        reference.roc_auc_score(test.labels, scores)
    )
    assert binary["average_precision"]["value"] == pytest.approx(reference.average_precision_score(test.labels, scores))
    precisions, recalls, _ = reference.precision_recall_curve(test.labels, scores)
    curve = binary["precision_recall_curve"]
    np.testing.assert_allclose(curve["precisions"], precisions[-2::-1])
    np.testing.assert_allclose(curve["recalls"], recalls[-2::-1])
    assert report["label"] == {"name": "churned", "objective": "binary", "classes": ["no", "yes"]}


def test_an_answer_has_its_threshold_and_what_the_row_lacked(churned: Finished) -> None:
    whole = {"age": 30, "plan": "basic", "education": "low"}
    gaps = {"AGE": None, "plan": "gold", "education": "", "remarks": "x"}
    sure, lacking = churned.ask([whole, gaps])
    threshold = churned.model.decision.threshold
    assert sure == {"score": sure["score"], "predicted_label": 1, "threshold": threshold, "predicted_class": "yes"}
    assert lacking["score"] == pytest.approx(
        churned.model.scores(np.array([[np.nan, 0, 0, 0, 0, np.nan]], dtype=np.float32))[0], abs=1e-6
    )
    assert (lacking["missing"], lacking["unseen"]) == (["age", "education"], ["plan"])


def test_an_encoded_row_with_empty_cells_is_its_record(churned: Finished) -> None:
    record = {"age": None, "plan": None, "education": None}
    for body in ([[None, 1, 0, 0, 0, None]], [{"features": [None, 1, 0, 0, 0, None]}], b",1,0,0,0,\n"):
        (answer,) = churned.ask(body)
        assert answer["score"] == churned.ask([record])[0]["score"]
        assert answer["missing"] == ["age", "education"]
    assert churned.ask(b",1,0,0,0,\r\n30,0,0,0,1, \n", b"text/csv") == [
        f"{answer['score']:.9g}" for answer in churned.ask([record, {"age": 30, "plan": "basic", "education": None}])
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([{"age": "old", "plan": "basic", "education": "low"}], "InvalidRecord"),
        ([{"age": 1e39, "plan": "basic", "education": "low"}], "InvalidRecord"),
        ([[1e39, 0, 0, 0, 0, None]], "NotFinite"),
        ([[None, 0, 0, 0, 0]], "WrongColumnCount"),
        ([["", 0, 0, 0, 0, 1]], "NotANumber"),
        ([{"age": 1, "plan": "basic"}], "InvalidRecord"),
        (b"1,0,0,,x,1", "NotANumber"),
        (b"nan,0,0,0,0,1", "NotANumber"),
        (b",,,,,,", "WrongColumnCount"),
    ],
)
def test_what_is_wrong_is_refused_as_ever(churned: Finished, body: object, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        churned.ask(body)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_bias_asks_what_the_recipe_asks(churned: Finished) -> None:
    document = churned.document("bias/analysis.json")
    test = churned.test_set
    member = test.features[:, churned.model.encoding.features.index("plan_basic")] == 1
    stays = test.labels == 0
    section = document["pre_training_bias_metrics"]
    assert (section["label"], section["label_value_or_threshold"]) == ("churned", "0")
    (facet,) = section["facets"]["plan"]
    assert facet["value_or_threshold"] == "basic"
    values = {metric["name"]: metric["value"] for metric in facet["metrics"]}
    assert values["DPL"] == pytest.approx(stays[~member].mean() - stays[member].mean())
    assert document["groups"]["facet"]["rows"] == member.sum()
    assert document["groups"]["others"]["favorable_labels"] == stays[~member].sum()
    assert document["accepted_ranges"]["DI"] == {"from": 0.8, "to": 1.25}


def test_a_recipe_without_bias_gives_a_report_that_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = Paths(tmp_path / "ml")
    churn(paths.base / "processing/input/data")
    recipe = paths.processing_input("data") / "recipe.toml"
    recipe.write_text(CHURN.partition("[bias]")[0])
    finished = finish(paths, num_round="2")
    document = finished.document("bias/analysis.json")
    assert document["version"] == "1.0"
    assert document["note"].startswith("no facet was named: add [bias] with facet and value to the recipe")
    assert "bias is not measured: no facet was named" in capsys.readouterr().out


# several classes


def test_every_class_is_in_every_set_and_named_in_the_evaluation(classified: Finished) -> None:
    report = classified.document("evaluation/evaluation.json")
    section = report["multiclass_classification_metrics"]
    test = classified.test_set
    predicted = classified.model.scores(test.features).argmax(axis=1)
    expected = reference.confusion_matrix(test.labels, predicted)
    names = ["rare", "some", "many"]
    assert section["confusion_matrix"] == {
        actual: dict(zip(names, row, strict=True)) for actual, row in zip(names, expected.tolist(), strict=True)
    }
    assert section["accuracy"]["value"] == pytest.approx(reference.accuracy_score(test.labels, predicted))
    assert section["macro_f1"]["value"] == pytest.approx(reference.f1_score(test.labels, predicted, average="macro"))
    assert section["macro_f1"]["value"] > 0.9
    metrics = json.loads((classified.paths.output_data / "metrics.json").read_text())
    held_out = read_examples(classified.paths.channel("validation"), classified.model.encoding)
    assert metrics["multiclass_classification_metrics"]["held_out:mlogloss"]["value"] == pytest.approx(
        reference.log_loss(held_out.labels, classified.model.scores(held_out.features)), rel=1e-5
    )


def test_an_answer_has_the_probability_of_every_class(classified: Finished) -> None:
    (answer,) = classified.ask([{"width": 0.5, "colour": "red"}])
    assert answer["predicted_label"] == "some"
    assert answer["probabilities"].keys() == {"rare", "some", "many"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert answer["score"] == answer["probabilities"]["some"]
    (line,) = classified.ask([{"width": 0.5, "colour": "red"}], b"text/csv")
    assert [float(cell) for cell in line.split(",")] == pytest.approx(list(answer["probabilities"].values()))


def test_a_server_and_the_evaluation_agree_row_by_row(classified: Finished) -> None:
    rows = classified.test_set.features.tolist()
    one_by_one = [list(classified.ask([row])[0]["probabilities"].values()) for row in rows[:40]]
    np.testing.assert_allclose(one_by_one, classified.model.scores(classified.test_set.features)[:40], atol=1e-6)
    together = [list(each["probabilities"].values()) for each in classified.ask(rows)]
    np.testing.assert_allclose(together, classified.model.scores(classified.test_set.features), atol=1e-6)


def test_every_class_is_explained(classified: Finished) -> None:
    document = classified.document("explanations/analysis.json")
    labels = document["explanations"]["kernel_shap"]
    assert document["labels"] == {"label0": "rare", "label1": "some", "label2": "many"}
    assert labels.keys() == {"label0", "label1", "label2"}
    for label in labels.values():
        values = label["global_shap_values"]
        assert max(values, key=values.get) == "width"
    with (classified.paths.processing_output("explanations") / "explanations_shap/out.csv").open() as file:
        header, *rows = csv.reader(file)
    assert header[:4] == ["width_label0", "colour_blue_label0", "colour_red_label0", "width_label1"]
    assert len(rows) == classified.test_set.labels.size


def test_a_group_above_a_number_and_several_wanted_classes(classified: Finished) -> None:
    document = classified.document("bias/analysis.json")
    test = classified.test_set
    member, wanted = test.features[:, 0] > 0.2, test.labels < 2
    section = document["pre_training_bias_metrics"]
    assert section["label_value_or_threshold"] == "rare, some"
    (facet,) = section["facets"]["width"]
    assert facet["value_or_threshold"] == "(0.2, inf)"
    values = {metric["name"]: metric["value"] for metric in facet["metrics"]}
    assert values["DPL"] == pytest.approx(wanted[~member].mean() - wanted[member].mean())
    assert "probability_threshold" not in document["decision"]
    with pytest.raises(InputError, match=r"ask about a binary model, and this one is multiclass: name the facet in"):
        bias(classified.paths, Facet("width", 1))


# numbers


def test_numbers_are_estimated_and_judged(estimated: Finished) -> None:
    report = estimated.document("evaluation/evaluation.json")["regression_metrics"]
    test = estimated.test_set
    scores = estimated.model.scores(test.features)
    assert report["mae"]["value"] == pytest.approx(reference.mean_absolute_error(test.labels, scores))
    assert report["rmse"]["value"] == pytest.approx(reference.root_mean_squared_error(test.labels, scores))
    assert report["r2"]["value"] == pytest.approx(reference.r2_score(test.labels, scores))
    assert report["r2"]["value"] > 0.95


def test_an_answer_is_the_number(estimated: Finished) -> None:
    quiet, loud = estimated.ask([{"area": 100, "noise": "quiet"}, {"area": 100, "noise": "loud"}])
    assert quiet.keys() == {"score"}
    assert quiet["score"] == pytest.approx(200_000, rel=0.1)
    assert loud["score"] == pytest.approx(160_000, rel=0.1)
    (line,) = estimated.ask(b"100,0\n", b"text/csv")
    assert float(line) == pytest.approx(quiet["score"])


def test_numbers_are_explained_in_their_unit(estimated: Finished) -> None:
    document = estimated.document("explanations/analysis.json")
    assert "in the label's unit" in document["method"]["description"]
    assert document["labels"] == {"label0": "price"}
    label = document["explanations"]["kernel_shap"]["label0"]
    assert label["global_shap_values"]["area"] > label["global_shap_values"]["noise"] > 1000
    assert label["expected_value"] == pytest.approx(estimated.test_set.labels.mean(), rel=0.2)


def test_bias_of_numbers_is_about_those_above_the_limit(estimated: Finished) -> None:
    document = estimated.document("bias/analysis.json")
    test = estimated.test_set
    member, wanted = test.features[:, 1] == 1, test.labels > 200_000
    section = document["post_training_bias_metrics"]
    assert section["label_value_or_threshold"] == "(200000, inf)"
    values = {m["name"]: m["value"] for m in section["facets"]["noise"][0]["metrics"]}
    predicted = estimated.model.scores(test.features) > 200_000
    assert values["DPPL"] == pytest.approx(predicted[~member].mean() - predicted[member].mean())
    assert document["groups"]["facet"]["favorable_labels"] == wanted[member].sum()


@pytest.mark.parametrize(
    ("hyperparameters", "sentence"),
    [
        (
            {"objective": "binary:logistic"},
            "hyperparameter objective is binary:logistic, and the recipe's objective is",
        ),
        ({"scale_pos_weight": "2"}, "hyperparameter scale_pos_weight is for the objective binary: leave it out"),
        ({"nfold": "60"}, "the train set has 12 rows of the class rare: 60 folds (hyperparameter nfold) need"),
    ],
)
def test_hyperparameters_that_do_not_go_with_the_recipe(
    tmp_path: Path, hyperparameters: dict[str, str], sentence: str
) -> None:
    paths = Paths(tmp_path / "ml")
    flowers(paths.base / "processing/input/data")
    with pytest.raises(InputError) as caught:
        finish(paths, **hyperparameters)
    assert str(caught.value).startswith(sentence)
