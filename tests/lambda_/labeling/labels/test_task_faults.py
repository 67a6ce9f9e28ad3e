"""Faults planted in the transitions, one by one: the second telling of the rules must find each."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from labels import task
from tests.lambda_.labeling.task_world import walk

SOURCE = Path(task.__file__).read_text(encoding="utf-8")
FAULTS = tomllib.loads(Path(__file__).with_name("task_faults.toml").read_text(encoding="utf-8"))


@pytest.fixture
def faulty(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The transitions with one fault."""
    right, wrong = FAULTS[request.param].values()
    assert SOURCE.count(right) == 1, f"{right!r} is to be in {task.__file__} once"
    module = ModuleType("faulty_task")
    sys.modules[module.__name__] = module
    exec(compile(SOURCE.replace(right, wrong), module.__name__, "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


@pytest.mark.slow
@pytest.mark.parametrize("faulty", FAULTS, indirect=True)
def test_a_fault_is_found(faulty: ModuleType) -> None:
    with pytest.raises((AssertionError, AttributeError, TypeError, KeyError)):
        walk(faulty, seed=1, steps=160_000)
