"""What an environment leaves out on purpose, and the environment without that: what it would be with all there is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from ml_rules.templates import Template
from stacks.settings import USUAL, Environment, Feature
from stacks.systems import every

Synthesize: TypeAlias = Callable[[Sequence[Environment]], Mapping[str, Template]]
"""Returns the templates of environments, by name of their stack."""


def omitting(environment: Environment) -> str:
    """Return the sentence that names what an environment leaves out of the platform; empty where that is nothing.

    What an environment has only if it asks for it, it does not leave out: taking that away is a loss.
    """
    own = {system.name for system in environment.systems}
    names = [str(feature) for feature in Feature if feature in USUAL - environment.features]
    names += [system.name for system in every() if system.name not in own]
    return f"{environment.name} leaves out {', '.join(names)}." if names else ""


def whole(environment: Environment) -> Environment:
    """Return an environment with every usual feature, and with every declared system beside its own."""
    own = {system.name: system for system in environment.systems}
    systems = {system.name: own.get(system.name, system) for system in every()} | own
    return replace(environment, features=environment.features | USUAL, systems=tuple(systems.values()))
