"""One step of stochastic gradient descent, and the evaluation of a batch; both are compiled once per shape."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from vision.resnet import Arrays, forward, forward_training, is_statistic


class State(NamedTuple):
    """All that training changes: the network's arrays, and the velocity of each that has a gradient."""

    arrays: Arrays
    velocities: Arrays

    @classmethod
    def of(cls, arrays: Arrays) -> State:
        """Return the state before the first step."""
        return cls(arrays, {name: jnp.zeros_like(value) for name, value in arrays.items() if not is_statistic(name)})


class Judged(NamedTuple):
    """What a batch showed, per picture: the cross entropy, and whether the likeliest class was right."""

    losses: jax.Array
    right: jax.Array


def _judge(logits: jax.Array, labels: jax.Array) -> Judged:
    losses = -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)[:, 0]
    return Judged(losses, logits.argmax(axis=1) == labels)


@jax.jit
def step(state: State, pictures: jax.Array, labels: jax.Array, lr: float, momentum: float) -> tuple[State, Judged]:
    """Take one step with the mean loss of a batch: v = momentum * v + gradient; w = w - lr * v.

    Source: documentation of torch.optim.SGD, whose momentum this is. What is judged is the network before the step.
    """

    def loss(trained: Arrays) -> tuple[jax.Array, tuple[Arrays, Judged]]:
        logits, statistics = forward_training({**state.arrays, **trained}, pictures)
        judged = _judge(logits, labels)
        return judged.losses.mean(), (statistics, judged)

    trained = {name: state.arrays[name] for name in state.velocities}
    gradients, (statistics, judged) = jax.grad(loss, has_aux=True)(trained)
    velocities = {name: momentum * before + gradients[name] for name, before in state.velocities.items()}
    moved = {name: value - lr * velocities[name] for name, value in trained.items()}
    return State({**state.arrays, **statistics, **moved}, velocities), judged


@jax.jit
def judge(arrays: Arrays, pictures: jax.Array, labels: jax.Array) -> Judged:
    """Judge a batch by a network that stays as it is."""
    return _judge(forward(arrays, pictures), labels)


@jax.jit
def probabilities(arrays: Arrays, pictures: jax.Array) -> jax.Array:
    """Return the probability of every class (pictures by classes)."""
    return jax.nn.softmax(forward(arrays, pictures))
