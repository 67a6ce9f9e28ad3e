"""A team's own scripts end to end: `mdlc new scripts` in a copy of the project, own data, a prediction over HTTP."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systems.workplace import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.end_to_end, pytest.mark.timeout(900)]
ROOTS = (
    ".",
    "constructs",
    "containers",
    "lambda/custom_resources",
    "lambda/experiments",
    "lambda/labeling",
    "lambda/notices",
    "lambda/serving",
    "lambda/training",
)
"""The source roots, as pyproject.toml has them."""
APP = '''\
"""Dev with this system alone."""
import dataclasses

import aws_cdk as cdk

from app import build
from stacks.settings import Feature
from stacks.systems import every
from tests.environments import DEV

(churn,) = (system for system in every() if system.name == "churn")
left_out = {Feature.STUDIO, Feature.FEATURES, Feature.EXPERIMENTS}
build(cdk.App(), [dataclasses.replace(DEV, systems=(churn,), features=DEV.features - left_out)]).synth()
'''


def clone(folder: Path) -> None:
    """The project as a fresh clone of it has it, with what `make setup` brings, and without a team's own churn."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file() and not name.startswith(("stacks/systems/churn.", "scripts/churn/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, folder / name)
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")


def table(file: Path) -> None:
    """Customers of whom some left: those who came lately and pay much, as a rule."""
    dealt = random.Random(7)
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["customer", "months", "plan", "fee", "left"])
        for number in range(400):
            months, fee = dealt.randint(1, 60), round(dealt.uniform(5, 90), 2)
            left = dealt.random() < (0.9 if months < 20 and fee > 40 else 0.1)
            rows.writerow([f"c{number}", months, dealt.choice(["basic", "family"]), fee, "yes" if left else "no"])


def test_own_scripts_go_from_a_table_to_a_prediction(tmp_path: Path) -> None:
    here, data = tmp_path / "project", tmp_path / "customers.csv"
    clone(here)
    table(data)
    (here / "own_app.py").write_text(APP)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "PYTHONPATH": os.pathsep.join(str(here / root) for root in ROOTS),
        "CDK_APP": f"{sys.executable} own_app.py",
    }

    def mdlc(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from mdlc.cli import main; sys.exit(main())", *arguments],
            cwd=here,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        return done.stderr if code else done.stdout

    said = mdlc("new", "scripts", "churn", "--from", str(data), "--label", "left")
    assert f"mdlc demo churn --data {data}" in said
    assert {path.name for path in (here / "scripts/churn").iterdir()} == {
        *("evaluate.py", "prepare.py", "train.py", "recipe.toml")
    }
    train = here / "scripts/churn/train.py"
    train.write_text(train.read_text().replace("import sys\n", 'import sys\n\nprint("a line of our own")\n', 1))
    try:
        demo = json.loads(mdlc("demo", "churn", "--data", str(data), "--json"))
        assert demo["metrics"]["roc_auc"] > 0.7, "the rule of the table is found"
        assert demo["model_version"] == 1
        assert demo["prediction"]["path"] == "churn/predictions"
        (prediction,) = demo["prediction"]["response"]["predictions"]
        assert prediction["predicted_label"] in {0, 1}
        asked = mdlc("predict", "churn", "build/demo/churn/churn.json", "--json")
        assert json.loads(asked)["predictions"] == [prediction]
        job = demo["result"]["runs"][0]["input"]["TrainingJobName"]
        assert "a line of our own" in mdlc("logs", job)
        listed = json.loads(mdlc("model", "list", "churn", "--json"))["versions"]
        assert [version["approval"] for version in listed] == ["Approved"]
        wrong = tmp_path / "wrong.csv"
        wrong.write_text(data.read_text().replace("c0,", "c0,many", 1))
        assert "Nothing was published" in mdlc("data", "publish", "churn", str(wrong), "--yes", code=2)
    finally:
        mdlc("local", "down")
