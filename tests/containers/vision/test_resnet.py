"""The network: torchvision's names and shapes, and values against a computation in numpy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import pytest

from vision.learning import State, step
from vision.resnet import EPSILON, _Pass, forward, initial, is_statistic, shapes

pytestmark = pytest.mark.slow  # XLA compiles each network anew

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = npt.NDArray[np.float64]


def test_names_and_shapes_are_torchvision_s() -> None:
    # By hand from torchvision.models.resnet18: 122 entries of its state_dict; 11,689,512 parameters with 1,000 classes.
    found = shapes(1000)
    assert len(found) == 122
    assert sum(math.prod(shape) for name, shape in found.items() if not is_statistic(name)) == 11_689_512
    documented: Mapping[str, tuple[int, ...]] = {
        "conv1.weight": (64, 3, 7, 7),
        "bn1.weight": (64,),
        "bn1.num_batches_tracked": (),
        "layer1.0.conv1.weight": (64, 64, 3, 3),
        "layer1.1.bn2.running_var": (64,),
        "layer2.0.conv1.weight": (128, 64, 3, 3),
        "layer2.0.downsample.0.weight": (128, 64, 1, 1),
        "layer2.0.downsample.1.running_mean": (128,),
        "layer3.1.conv2.weight": (256, 256, 3, 3),
        "layer4.0.downsample.0.weight": (512, 256, 1, 1),
        "layer4.1.bn2.bias": (512,),
        "fc.weight": (1000, 512),
        "fc.bias": (1000,),
    }
    assert {name: found[name] for name in documented} == documented
    assert "layer1.0.downsample.0.weight" not in found


def test_initial_values_follow_he_s_rule() -> None:
    arrays = initial(3, seed=1)
    assert {name: value.shape for name, value in arrays.items()} == shapes(3)
    assert math.isclose(float(arrays["layer4.1.conv2.weight"].std()), (2 / (512 * 9)) ** 0.5, rel_tol=0.01)
    assert float(jnp.abs(arrays["fc.weight"]).max()) <= 512**-0.5
    assert float(arrays["bn1.running_var"].min()) == 1


def test_initial_values_follow_from_the_seed_alone() -> None:
    first, again, other = (initial(3, seed, width=2) for seed in (1, 1, 2))
    assert all((again[name] == value).all() for name, value in first.items())
    assert (other["conv1.weight"] != first["conv1.weight"]).any()


def convolved(values: Array, kernel: Array, stride: int, padding: int) -> Array:
    """Cross-correlation, as every framework's convolution, one output at a time."""
    filled = np.pad(values, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    size = kernel.shape[2]
    rows, columns = ((extent - size) // stride + 1 for extent in filled.shape[1:3])
    found = np.zeros((values.shape[0], rows, columns, kernel.shape[0]))
    for row in range(rows):
        for column in range(columns):
            window = filled[:, row * stride : row * stride + size, column * stride : column * stride + size]
            found[:, row, column] = np.einsum("nhwi,oihw->no", window, kernel)
    return found


def normalized(values: Array, name: str, arrays: Mapping[str, Any], mean: Array, variance: Array) -> Array:
    scaled = (values - mean) / np.sqrt(variance + EPSILON)
    found: Array = scaled * np.asarray(arrays[f"{name}.weight"]) + np.asarray(arrays[f"{name}.bias"])
    return found


def test_a_block_with_downsampling_is_what_numpy_computes() -> None:
    generator = np.random.default_rng(0)
    arrays = {
        name: jnp.asarray(np.abs(generator.standard_normal(value.shape)) if "var" in name else value + 0.1)
        for name, value in initial(2, seed=0, width=2).items()
    }
    values = generator.standard_normal((2, 5, 5, 2))
    name = "layer2.0"

    def norm(part: str, found: Array) -> Array:
        statistics = (np.asarray(arrays[f"{name}.{part}.running_{which}"]) for which in ("mean", "var"))
        return normalized(found, f"{name}.{part}", arrays, *statistics)

    def kernel(part: str) -> Array:
        return np.asarray(arrays[f"{name}.{part}.weight"], np.float64)

    inner = np.maximum(norm("bn1", convolved(values, kernel("conv1"), 2, 1)), 0)
    inner = norm("bn2", convolved(inner, kernel("conv2"), 1, 1))
    skipped = norm("downsample.1", convolved(values, kernel("downsample.0"), 2, 0))
    found = _Pass(arrays, training=False).block(name, jnp.asarray(values, jnp.float32), 2)
    assert found.shape == (2, 3, 3, 4)
    np.testing.assert_allclose(found, np.maximum(inner + skipped, 0), rtol=1e-4, atol=1e-4)


def test_training_normalizes_by_the_batch_and_keeps_running_statistics() -> None:
    arrays = initial(2, seed=0, width=2)
    values = np.random.default_rng(1).standard_normal((3, 4, 4, 2)) * 2 + 5
    training = _Pass(arrays, training=True)
    found = training.norm("bn1", jnp.asarray(values, jnp.float32))
    flat = values.reshape(-1, 2)
    np.testing.assert_allclose(found, normalized(values, "bn1", arrays, flat.mean(0), flat.var(0)), atol=1e-4)
    # torch.nn.BatchNorm2d: momentum 0.1, the running variance from the unbiased one, starting at 0 and 1
    np.testing.assert_allclose(training.statistics["bn1.running_mean"], 0.1 * flat.mean(0), rtol=1e-5)
    np.testing.assert_allclose(training.statistics["bn1.running_var"], 0.9 + 0.1 * flat.var(0, ddof=1), rtol=1e-5)
    assert int(training.statistics["bn1.num_batches_tracked"]) == 1


def test_logits_have_a_column_per_class() -> None:
    assert forward(initial(5, seed=0, width=2), jnp.zeros((3, 65, 70, 3))).shape == (3, 5)


def test_a_step_moves_against_the_gradient_with_momentum() -> None:
    state = State.of(initial(2, seed=0, width=2))
    pictures = jnp.asarray(np.random.default_rng(0).standard_normal((4, 65, 65, 3)), jnp.float32)
    labels = jnp.asarray([0, 1, 0, 1])
    first, judged = step(state, pictures, labels, 0.1, 0.5)
    second, _ = step(first, pictures, labels, 0.1, 0.5)
    assert judged.losses.shape == judged.right.shape == (4,)
    for name in ("fc.weight", "conv1.weight", "layer3.0.downsample.1.bias"):
        # v1 = g1; w1 = w0 - lr v1; w2 = w1 - lr v2 (torch.optim.SGD)
        np.testing.assert_allclose(first.arrays[name], state.arrays[name] - 0.1 * first.velocities[name], atol=1e-6)
        np.testing.assert_allclose(second.arrays[name], first.arrays[name] - 0.1 * second.velocities[name], atol=1e-6)
    # the gradient of the head's bias is the mean of (probability - 1 for the right class, - 0 for the other)
    assert abs(float(first.velocities["fc.bias"].sum())) < 1e-6
    assert int(second.arrays["bn1.num_batches_tracked"]) == 2
