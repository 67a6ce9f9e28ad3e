"""One picture: 96 by 96 pixels, RGB.

Colours, size, direction and place of a pattern are drawn by chance, light falls on it from one side and each pixel has
noise: neither a colour nor a single place tells the class.
"""

import math
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE: Final = 96
_NOISE: Final = 20.0
"""Standard deviation of each pixel's noise, of 255."""
_SAND, _BROWN = (195, 160, 115), (95, 70, 50)
_SHADE: Final = 14.0
"""Standard deviation of a colour between pictures."""

Plane = npt.NDArray[np.float64]


def picture(class_: str, random: Random) -> Image.Image:
    """Draw one picture of a class."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    mask = _spots(x, y, random) if class_ == "spots" else _stripes(x, y, random)
    ground, ink = (np.array([random.gauss(value, _SHADE) for value in colour]) for colour in (_SAND, _BROWN))
    direction, strength = random.uniform(0, 2 * math.pi), random.uniform(0, 40)
    light = strength * ((x / SIDE - 0.5) * math.cos(direction) + (y / SIDE - 0.5) * math.sin(direction))
    noise = np.random.default_rng(random.getrandbits(32)).normal(0, _NOISE, (SIDE, SIDE, 3))
    pixels = ground + mask[..., None] * (ink - ground) + light[..., None] + noise
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _stripes(x: Plane, y: Plane, random: Random) -> Plane:
    """Return where stripes are, from 0 to 1: parallel, slightly bent, in any direction."""
    angle, period = random.uniform(0, math.pi), random.uniform(16, 30)
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    bend = random.uniform(0, 4) * np.sin(2 * math.pi * along / random.uniform(60, 120) + random.uniform(0, 6))
    return np.asarray(1 / (1 + np.exp(-4 * np.sin(2 * math.pi * (across + bend) / period + random.uniform(0, 6)))))


def _spots(x: Plane, y: Plane, random: Random) -> Plane:
    """Return where spots are, from 0 to 1: ellipses of similar size, anywhere."""
    radius = random.uniform(6, 11)
    mask = np.zeros_like(x)
    for _ in range(round(0.35 * SIDE**2 / (math.pi * radius**2))):
        width, height = (radius * random.uniform(0.7, 1.3) for _ in range(2))
        distance = np.hypot((x - random.uniform(0, SIDE)) / width, (y - random.uniform(0, SIDE)) / height)
        mask = np.maximum(mask, 1 / (1 + np.exp(6 * (distance - 1))))
    return mask
