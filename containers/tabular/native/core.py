"""The core as Python calls it: a body of plain numbers in, its scores out, in one call.

`core.c` says what it takes. Without its library, which the image builds, and for models that it has no room for, all is
done in Python, with the same answers.
"""

from __future__ import annotations

import ctypes
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from contract.serving.csv_body import MOST_CELLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabular.trees import Node

LIBRARY: Final = Path(os.environ.get("TABULAR_CORE", Path(__file__).with_name("libcore.so")))
KEPT_CELLS: Final = 1 << 16
"""Numbers of requests whose memory is kept for the next."""
_MOST: Final = 1 << 16
"""Features, and nodes to skip, that two bytes count."""
_NODE: Final = np.dtype([("threshold", "<f4"), ("feature", "<u2"), ("skip", "<u2")])


class _Forest(ctypes.Structure):
    """`Forest` of `core.c`."""

    _fields_ = (
        ("nodes", ctypes.c_void_p),
        ("leaves", ctypes.c_void_p),
        ("roots", ctypes.c_void_p),
        ("depths", ctypes.c_void_p),
        ("base", ctypes.c_double),
        ("trees", ctypes.c_uint32),
        ("features", ctypes.c_uint32),
        ("logistic", ctypes.c_uint32),
    )


@dataclass(frozen=True)
class Trees:
    """The trees of a model with one output, as arrays: nodes, the leaf at each, and each tree's root and depth."""

    nodes: npt.NDArray[np.void]
    leaves: npt.NDArray[np.float64]
    roots: npt.NDArray[np.uint32]
    depths: npt.NDArray[np.uint32]


class Core:
    """A model with one output in the memory of the library."""

    def __init__(self, library: Path, trees: Trees, base: float, features: int, *, is_logistic: bool) -> None:
        self._call = ctypes.CDLL(str(library)).answer
        self._call.restype = ctypes.c_long
        self._call.argtypes = (
            ctypes.POINTER(_Forest),
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_long,
        )
        self._trees, self._features = trees, features
        arrays = (trees.nodes, trees.leaves, trees.roots, trees.depths)
        self._forest = _Forest(*(each.ctypes.data for each in arrays), base, len(trees.roots), features, is_logistic)
        self._pointer = ctypes.pointer(self._forest)
        self._kept = _Room(KEPT_CELLS, KEPT_CELLS // features)

    def scores(self, body: bytes, *, is_json: bool) -> list[float] | None:
        """Return the probability of label 1, or the number, for every row; None for a body that Python has to read."""
        most = min(len(body) // (2 * self._features) + 1, MOST_CELLS // self._features)
        room = self._kept if most <= self._kept.rows else _Room(most * self._features, most)
        rows = self._call(self._pointer, body, len(body), is_json, room.table, room.scores, most)
        return room.scores[:rows] if rows > 0 else None


class _Room:
    """Memory for the numbers of a request and for its scores."""

    def __init__(self, cells: int, rows: int) -> None:
        self.rows = rows
        self.table = (ctypes.c_float * cells)()
        self.scores = (ctypes.c_double * max(rows, 1))()


def lay_out(trees: Sequence[Node]) -> Trees | None:
    """Return trees as `core.c` has them; None where two bytes cannot count what they have."""
    nodes: list[tuple[float, int, int]] = []
    leaves: list[float] = []
    roots, depths = [], []

    def add(node: Node) -> int:
        """Append a node with all that is under it, and return how many steps lead down there at the most."""
        place = len(nodes)
        if isinstance(node, float):
            nodes.append((-math.inf, 0, 0))
            leaves.append(node)
            return 0
        feature, threshold, below, above, _ = node
        nodes.append((threshold, feature, 0))
        leaves.append(0.0)
        first = add(below)
        nodes[place] = (threshold, feature, len(nodes) - place)
        return 1 + max(first, add(above))

    for tree in trees:
        roots.append(len(nodes))
        depths.append(add(tree))
    if any(feature >= _MOST or skip >= _MOST for _, feature, skip in nodes):
        return None
    return Trees(
        np.array(nodes, dtype=_NODE),
        np.array(leaves, dtype=np.float64),
        np.array(roots, dtype=np.uint32),
        np.array(depths, dtype=np.uint32),
    )
