"""The command line over an AWS in this process, with a system and a feature group of somebody's own."""

import os
from pathlib import Path
from typing import Any

import pytest

from mdlc.new.profile import read
from mdlc.new.recipe import infer
from mdlc.systems.declared import declared_systems
from mdlc.systems.fraud.generate import generate
from tests.mdlc.commands.test_features import store
from tests.mdlc.conftest import aws, mdlc
from tests.mdlc.fake_aws import FakeAws

__all__ = ["aws", "mdlc", "store"]

PRICES = "id,age,y\n" + "".join(f"{n},{n % 7},{n % 5}.5\n" for n in range(30))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws: FakeAws, store: dict[str, Any]) -> Path:
    """A folder to work in: good tables, a system `prices` beside the platform's, and groups and a bucket in AWS."""
    del store
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    root = tmp_path / "project"
    (root / "stacks/systems").mkdir(parents=True)
    (root / "stacks/systems/fraud.py").touch()
    monkeypatch.setattr("mdlc.commands.new.SYSTEMS", root / "stacks/systems")
    monkeypatch.setattr("mdlc.commands.new.ROOT", root)
    fraud = tmp_path / "fraud"
    fraud.mkdir()
    generate(fraud, seed=1, rows=200)
    prices = tmp_path / "prices"
    prices.mkdir()
    (prices / "prices.csv").write_text(PRICES)
    (prices / "prices.py").touch()
    (prices / "prices.toml").write_text(infer(read(prices / "prices.csv"), label="y", objective="regression").text)
    (system,) = declared_systems(prices, prices / "scripts")
    from mdlc.systems import SYSTEMS  # noqa: PLC0415 - as it is before it is replaced

    monkeypatch.setattr("mdlc.systems.SYSTEMS", {**SYSTEMS, "prices": system})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIDEXAMPLE"  # nothing here reaches an account
    return tmp_path
