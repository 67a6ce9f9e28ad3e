"""The predictor of the vision image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vision.model import Model
from vision.payload import read_pictures, require_json, write
from vision.pictures import middle, normalize

if TYPE_CHECKING:
    from pathlib import Path

    from contract.serving.messages import Answer


@dataclass(frozen=True)
class VisionPredictor:
    """A model in memory."""

    model: Model

    @classmethod
    def load(cls, folder: Path) -> VisionPredictor:
        """Read the model directory, and compile the network before the first request waits for it."""
        model = Model.load(folder)
        model.probabilities([np.zeros((model.image_size, model.image_size, 3), np.float32)])
        return cls(model)

    def invoke(self, body: bytes, content_type: bytes, accept: bytes) -> Answer:
        """Answer one request; RequestError for a client's mistake."""
        require_json(accept)
        size = self.model.image_size
        seen = [normalize(middle(picture, size)) for picture in read_pictures(body, content_type)]
        return write(self.model.classes, self.model.probabilities(seen))
