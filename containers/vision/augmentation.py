"""Chance changes of a picture that leave its class: a crop, flips, and an affine change, in one resampling.

Source: torchvision's RandomCrop, RandomHorizontalFlip, RandomVerticalFlip and RandomAffine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vision.pictures import MEAN, square

if TYPE_CHECKING:
    Matrix = npt.NDArray[np.float64]

FILL: Final = tuple(round(255 * value) for value in MEAN)
"""Where a changed picture has no pixels."""


@dataclass(frozen=True)
class Augmentation:
    """How much a picture may change; a share is of the picture's side."""

    flip: float = 0.5
    """How likely each of the two flips is."""
    degrees: float = 10.0
    translate: float = 0.1
    scale: tuple[float, float] = (0.5, 1.5)

    def apply(self, image: Image.Image, size: int, generator: np.random.Generator) -> Image.Image:
        """Return a changed picture of `size` by `size` pixels."""
        source = square(image, size)
        matrix = self.matrix(source.width, size, generator)
        coefficients = tuple(float(value) for value in matrix[:2].ravel())
        return source.transform(
            (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR, fillcolor=FILL
        )

    def matrix(self, side: int, size: int, generator: np.random.Generator) -> Matrix:
        """Draw a change: a 3 by 3 matrix from places in the picture to be to places in one of `side` pixels."""
        crop = generator.uniform(0, side - size, 2)
        flips = np.where(generator.random(2) < self.flip, -1.0, 1.0)
        angle = math.radians(generator.uniform(-self.degrees, self.degrees))
        shift = generator.uniform(-self.translate, self.translate, 2) * size
        factor = generator.uniform(*self.scale)
        centre = size / 2
        return (
            _translation(*(crop + centre))
            @ _linear(flips[0], 0, 0, flips[1])
            @ _linear(math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle))
            @ _linear(1 / factor, 0, 0, 1 / factor)
            @ _translation(*(-shift - centre))
        )


def _translation(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def _linear(a: float, b: float, c: float, d: float) -> Matrix:
    return np.array([[a, b, 0], [c, d, 0], [0, 0, 1]], dtype=np.float64)
