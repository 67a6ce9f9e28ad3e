"""The systems: one module each, whose `SYSTEM` declares it, and in every environment that does not list its own."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stacks.systems.system import System

KINDS: Final = frozenset({"models", "neighbours", "scripted", "system", "tabular"})
"""Modules of this folder that are kinds of systems, and what these are made of."""
FIRST: Final = ("fraud", "knn", "census", "images")
"""Those that came first, in that order: the id of the API's deployment depends on it."""


def every() -> tuple[System, ...]:
    """Return the systems that are declared in this folder."""
    declared = {module.name for module in iter_modules(__path__)} - KINDS
    ordered = [name for name in FIRST if name in declared] + sorted(declared.difference(FIRST))
    return tuple(import_module(f"{__name__}.{name}").SYSTEM for name in ordered)


def without(*names: str) -> tuple[System, ...]:
    """Return all systems but these; raise `ValueError` for a name that none has."""
    systems = every()
    known = [system.name for system in systems]
    if unknown := sorted(set(names).difference(known)):
        raise ValueError(f"There is no system {unknown[0]!r} to leave out: there are {', '.join(known)}.")
    return tuple(system for system in systems if system.name not in names)
