"""ResNet-18 as plain functions, with torchvision's names and layouts of parameters.

Source: He et al., "Deep Residual Learning for Image Recognition"; torchvision.models.resnet18 for names, shapes and
initial values, so that weights go from one to the other as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Arrays = dict[str, jax.Array]

WIDTH: Final = 64
"""Channels of the first stage; each further one of the four has twice as many."""
EPSILON: Final = 1e-5
MOMENTUM: Final = 0.1
"""Share of a batch in the running statistics."""
_LAYOUT: Final = ("NHWC", "OIHW", "NHWC")


def shapes(classes: int, width: int = WIDTH) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array by its name: convolutions are (out, in, height, width)."""
    found: dict[str, tuple[int, ...]] = {"conv1.weight": (width, 3, 7, 7), **_norm_shapes("bn1", width)}
    before = width
    for stage in range(4):
        channels = width * 2**stage
        for block in range(2):
            name = f"layer{stage + 1}.{block}"
            found |= {f"{name}.conv1.weight": (channels, before, 3, 3), **_norm_shapes(f"{name}.bn1", channels)}
            found |= {f"{name}.conv2.weight": (channels, channels, 3, 3), **_norm_shapes(f"{name}.bn2", channels)}
            if before != channels:
                found[f"{name}.downsample.0.weight"] = (channels, before, 1, 1)
                found |= _norm_shapes(f"{name}.downsample.1", channels)
            before = channels
    return found | {"fc.weight": (classes, before), "fc.bias": (classes,)}


def _norm_shapes(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    parts = ("weight", "bias", "running_mean", "running_var")
    return {**{f"{name}.{part}": (channels,) for part in parts}, f"{name}.num_batches_tracked": ()}


def is_statistic(name: str) -> bool:
    """Say whether an array holds what batch normalization has seen, which no gradient changes."""
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))


def initial(classes: int, seed: int, width: int = WIDTH) -> Arrays:
    """Return the arrays of an untrained network: convolutions by He's rule (fan-out), the head uniform."""
    generator = np.random.default_rng(seed)
    return {name: jnp.asarray(value) for name, value in _initial(classes, width, generator)}


def _initial(classes: int, width: int, generator: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    for name, shape in shapes(classes, width).items():
        if len(shape) == 4:  # noqa: PLR2004 - a convolution
            deviation = (2 / (shape[0] * shape[2] * shape[3])) ** 0.5
            yield name, (generator.standard_normal(shape) * deviation).astype(np.float32)
        elif name.startswith("fc."):
            bound = shapes(classes, width)["fc.weight"][1] ** -0.5
            yield name, generator.uniform(-bound, bound, shape).astype(np.float32)
        elif name.endswith("num_batches_tracked"):
            yield name, np.zeros((), np.int32)
        else:
            ones = name.endswith((".weight", "running_var"))
            yield name, np.full(shape, float(ones), np.float32)


def forward(arrays: Mapping[str, jax.Array], pictures: jax.Array) -> jax.Array:
    """Return the logits (pictures by classes) of pictures (count, height, width, 3), by the running statistics."""
    return _Pass(arrays, training=False).run(pictures)


def forward_training(arrays: Mapping[str, jax.Array], pictures: jax.Array) -> tuple[jax.Array, Arrays]:
    """Return the logits by the batch's own statistics, and the running statistics with this batch in them."""
    step = _Pass(arrays, training=True)
    return step.run(pictures), step.statistics


@dataclass
class _Pass:
    """One way through the network; `statistics` grows in training."""

    arrays: Mapping[str, jax.Array]
    training: bool
    statistics: Arrays = field(default_factory=dict)

    def run(self, pictures: jax.Array) -> jax.Array:
        values = jax.nn.relu(self.norm("bn1", self.convolution("conv1", pictures, stride=2, padding=3)))
        values = _max_pool(values)
        for stage in range(4):
            for block in range(2):
                stride = 2 if stage and not block else 1
                values = self.block(f"layer{stage + 1}.{block}", values, stride)
        return values.mean((1, 2)) @ self.arrays["fc.weight"].T + self.arrays["fc.bias"]

    def block(self, name: str, values: jax.Array, stride: int) -> jax.Array:
        inner = self.convolution(f"{name}.conv1", values, stride=stride, padding=1)
        inner = jax.nn.relu(self.norm(f"{name}.bn1", inner))
        inner = self.norm(f"{name}.bn2", self.convolution(f"{name}.conv2", inner, stride=1, padding=1))
        if f"{name}.downsample.0.weight" in self.arrays:
            values = self.convolution(f"{name}.downsample.0", values, stride=stride, padding=0)
            values = self.norm(f"{name}.downsample.1", values)
        return jax.nn.relu(inner + values)

    def convolution(self, name: str, values: jax.Array, *, stride: int, padding: int) -> jax.Array:
        around = ((padding, padding), (padding, padding))
        kernel = self.arrays[f"{name}.weight"]
        return jax.lax.conv_general_dilated(values, kernel, (stride, stride), around, dimension_numbers=_LAYOUT)

    def norm(self, name: str, values: jax.Array) -> jax.Array:
        if self.training:
            mean, variance = values.mean((0, 1, 2)), values.var((0, 1, 2))
            self._see(name, mean, variance, values.size // values.shape[-1])
        else:
            mean, variance = self.arrays[f"{name}.running_mean"], self.arrays[f"{name}.running_var"]
        scale = self.arrays[f"{name}.weight"] * jax.lax.rsqrt(variance + EPSILON)
        return (values - mean) * scale + self.arrays[f"{name}.bias"]

    def _see(self, name: str, mean: jax.Array, variance: jax.Array, count: int) -> None:
        unbiased = variance * (count / max(count - 1, 1))
        for part, value in (("running_mean", mean), ("running_var", unbiased)):
            before = self.arrays[f"{name}.{part}"]
            self.statistics[f"{name}.{part}"] = jax.lax.stop_gradient(before + MOMENTUM * (value - before))
        seen = f"{name}.num_batches_tracked"
        self.statistics[seen] = self.arrays[seen] + 1


def _max_pool(values: jax.Array) -> jax.Array:
    """Return the largest value of every 3 by 3 window, two steps apart."""
    around = ((0, 0), (1, 1), (1, 1), (0, 0))
    return jnp.asarray(jax.lax.reduce_window(values, -jnp.inf, jax.lax.max, (1, 3, 3, 1), (1, 2, 2, 1), around))
