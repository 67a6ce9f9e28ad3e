"""The trees of a model as one Python function: for a few rows many times faster than a call into XGBoost.

Each tree becomes one nested conditional, and all trees that add up to a margin become one function, which Python
compiles when the model is loaded. A step down a tree costs some twenty nanoseconds then.
"""

from __future__ import annotations

import math
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Split: TypeAlias = "tuple[int, float, Node, Node, bool]"
"""Feature, threshold, what is below it, what is not, and whether a missing value goes where those below it go."""
Node: TypeAlias = "Split | float"
"""A float is a leaf."""
Margin: TypeAlias = "Callable[[Sequence[float]], float]"

DEEPEST: Final = 60
"""How deep Python's compiler is asked to nest; it takes 200 parentheses."""


def read_tree(tree: Mapping[str, Sequence[float]], index: int = 0) -> Node:
    """Read a tree of XGBoost's JSON; InputError for a split that is no comparison of a number."""
    left = int(tree["left_children"][index])
    if left == -1:
        return float(np.float32(tree["split_conditions"][index]))
    if tree["split_type"][index] != 0:
        raise InputError("the model has categorical splits: its features must all be numbers")
    threshold = float(np.float32(tree["split_conditions"][index]))
    below, above = read_tree(tree, left), read_tree(tree, int(tree["right_children"][index]))
    return int(tree["split_indices"][index]), threshold, below, above, bool(tree["default_left"][index])


def depth(node: Node) -> int:
    """Return how many steps lead down a tree at the most."""
    return 1 + max(depth(node[2]), depth(node[3])) if isinstance(node, tuple) else 0


def size(node: Node) -> int:
    """Return how many splits a tree has."""
    return 1 + size(node[2]) + size(node[3]) if isinstance(node, tuple) else 0


def compile_margin(trees: Sequence[Node], base: float, features: int) -> Margin:
    """Return the function from a row, NaN where a value is missing, to `base` and the leaves that it falls on."""
    names = "".join(f"f{number}, " for number in range(features))
    lines = [f"def margin(row):\n {names}= row\n total = {_literal(base)}"]
    lines += [f" total += {_expression(tree)}" for tree in trees]
    module = compile("\n".join([*lines, " return total\n"]), "<trees>", "exec")
    code: Any = next(each for each in module.co_consts if hasattr(each, "co_code"))
    function: Any = FunctionType(code, {"__builtins__": {}})
    return function  # type: ignore[no-any-return]


def _expression(node: Node) -> str:
    """Return a tree as an expression: NaN compares as false, so the side that it goes to is written behind the else."""
    if isinstance(node, float):
        return _literal(node)
    feature, threshold, below, above, missing_below = node
    comparison, first, second = (">=", above, below) if missing_below else ("<", below, above)
    return f"({_expression(first)} if f{feature} {comparison} {_literal(threshold)} else {_expression(second)})"


def _literal(value: float) -> str:
    """Return a number as source code, which has no word for infinity."""
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return repr(value) if math.isfinite(value) else "(1e999 - 1e999)"
