"""Faults planted in the store, one by one: its tests must find each."""

import inspect
import sys
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labels.task import RefusedError
from task_store import store, table
from task_store.store import ConflictError
from tests.lambda_.labeling.conftest import Workshop
from tests.lambda_.labeling.task_store import test_store

FAULTS = tomllib.loads(Path(__file__).with_name("store_faults.toml").read_text(encoding="utf-8"))
FOUND = (AssertionError, ClientError, ConflictError, KeyError, RefusedError, ValueError, pytest.fail.Exception)
TESTS = [test for name, test in inspect.getmembers(test_store, inspect.isfunction) if name.startswith("test_")]


@pytest.fixture
def faulty(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    """The classes of the store and its table, one of them with one fault."""
    where, right, wrong = FAULTS[request.param].values()
    source = Path({"store": store, "table": table}[where].__file__ or "").read_text(encoding="utf-8")
    assert source.count(right) == 1, f"{right!r} is to be in the source once"
    module: Any = ModuleType("faulty_store")
    sys.modules[module.__name__] = module
    exec(compile(source.replace(right, wrong), module.__name__, "exec"), module.__dict__)
    yield (module.Store, table.TaskTable) if where == "store" else (store.Store, module.TaskTable)
    del sys.modules[module.__name__]


@pytest.mark.slow
@pytest.mark.parametrize("faulty", FAULTS, indirect=True)
def test_a_fault_is_found(faulty: tuple[Any, Any], workshop: Workshop) -> None:
    for test in TESTS:
        try:
            test(replace(workshop.fresh(uuid.uuid4().hex[:8]), kinds=faulty))
        except FOUND:
            return
    pytest.fail("no test has found it")


@pytest.mark.slow
def test_without_a_fault_none_is_found(workshop: Workshop) -> None:
    for test in TESTS:
        test(workshop.fresh(uuid.uuid4().hex[:8]))
