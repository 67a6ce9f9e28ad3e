"""The /opt/ml layout, as the SageMaker developer guide gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import InputError
from contract.paths import Paths


def test_the_layout_is_sagemakers() -> None:
    paths = Paths.from_environment({})
    assert [
        str(path)
        for path in (
            paths.hyperparameters,
            paths.input_data_config,
            paths.resource_config,
            paths.model,
            paths.output_data,
            paths.training_failure,
            paths.processing_message,
            paths.checkpoints,
        )
    ] == [
        "/opt/ml/input/config/hyperparameters.json",
        "/opt/ml/input/config/inputdataconfig.json",
        "/opt/ml/input/config/resourceconfig.json",
        "/opt/ml/model",
        "/opt/ml/output/data",
        "/opt/ml/output/failure",
        "/opt/ml/output/message",
        "/opt/ml/checkpoints",
    ]


def test_another_base_moves_all_of_it() -> None:
    assert Paths.from_environment({"SAGEMAKER_BASE_DIR": "/x"}).model == Path("/x/model")


def test_channels_and_inputs_must_be_there(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    with pytest.raises(InputError, match="has no channel train"):
        paths.channel("train")
    with pytest.raises(InputError, match="has no input data"):
        paths.processing_input("data")
    (tmp_path / "input/data/train").mkdir(parents=True)
    assert paths.channel("train") == tmp_path / "input/data/train"


def test_outputs_are_made(tmp_path: Path) -> None:
    assert Paths(tmp_path).processing_output("train").is_dir()
