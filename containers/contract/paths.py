"""Where SageMaker puts things in a container.

Source: "Adapting your own training container", "Build your own processing container" and "Use your own inference code"
of the SageMaker developer guide. The base directory is /opt/ml; the environment variable SAGEMAKER_BASE_DIR (the name
that the sagemaker-training toolkit gives it) moves it where /opt/ml cannot exist.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Paths:
    """The directory layout under one base directory."""

    base: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Paths:
        """Return the layout under SAGEMAKER_BASE_DIR, or under /opt/ml."""
        return cls(Path(environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml"))

    @property
    def hyperparameters(self) -> Path:
        """JSON object of strings, written by SageMaker for a training job."""
        return self.base / "input/config/hyperparameters.json"

    @property
    def input_data_config(self) -> Path:
        """JSON object: channel name to its content type, input mode and S3 distribution type."""
        return self.base / "input/config/inputdataconfig.json"

    @property
    def resource_config(self) -> Path:
        """JSON object: current_host and hosts of a training job."""
        return self.base / "input/config/resourceconfig.json"

    @property
    def model(self) -> Path:
        """The model directory: written by training, read by serving."""
        return self.base / "model"

    @property
    def output_data(self) -> Path:
        """What a training job leaves beside the model (output.tar.gz)."""
        return self.base / "output/data"

    @property
    def training_failure(self) -> Path:
        """The file whose first 1024 characters become a training job's FailureReason."""
        return self.base / "output/failure"

    @property
    def processing_message(self) -> Path:
        """The file whose first 1024 characters become a processing job's ExitMessage."""
        return self.base / "output/message"

    @property
    def checkpoints(self) -> Path:
        """The directory that SageMaker synchronises with S3 while a training job runs."""
        return self.base / "checkpoints"

    def channel(self, name: str) -> Path:
        """Return the directory of a training channel; InputError when the job has no such channel."""
        return _existing(self.base / "input/data" / name, f"the training job has no channel {name}")

    def processing_input(self, name: str) -> Path:
        """Return the directory of a processing input; InputError when the job has no such input."""
        return _existing(self.base / "processing/input" / name, f"the processing job has no input {name}")

    def processing_uri(self, name: str) -> str:
        """Return where in S3 a processing input is from, by the request that SageMaker writes into the container."""
        try:
            request = json.loads((self.base / "config/processingjobconfig.json").read_text(encoding="utf-8"))
        except FileNotFoundError:  # nobody's job: somebody runs the image by hand
            return ""
        uris = {each.get("InputName"): each.get("S3Input", {}).get("S3Uri") for each in request["ProcessingInputs"]}
        return uris.get(name) or ""

    def processing_output(self, name: str) -> Path:
        """Return the directory of a processing output, created when it is not there."""
        folder = self.base / "processing/output" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _existing(folder: Path, problem: str) -> Path:
    if not folder.is_dir():
        raise InputError(f"{problem}: {folder} does not exist")
    return folder
