"""What a function does is said by a verb: in its name no participle alone, in its docstring the first word."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from checks.map import tree_of

PROJECT: Final = Path(__file__).parent.parent
ROOTS: Final = ("constructs", "stacks", "lambda", "containers", "checks", "mdlc")
DESCRIBED: Final = (*ROOTS, "account", "localcloud", "localsagemaker")
"""Roots whose docstrings are held to it. In the local cloud, what wraps a function of MiniStack has its participle."""
IRREGULAR: Final = {
    "done",
    "given",
    "held",
    "kept",
    "known",
    "made",
    "said",
    "seen",
    "sent",
    "shown",
    "told",
    "written",
}
NO_PARTICIPLE: Final = {"embed", "feed", "need", "seed", "speed"}
NO_VERB: Final = {"A", "All", "An", "Every", "How", "Its", "No", "The", "What", "Whether", "Which"}
OTHERWISE: Final = {"cached_property", "property", "rule"}
"""Decorators of what is no function to its readers: a property is a noun, a rule what every template keeps."""


def functions(root: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for file in sorted((PROJECT / root).rglob("*.py")):
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.FunctionDef) and not OTHERWISE & {
                ast.unparse(each).rpartition(".")[2] for each in node.decorator_list
            }:
                yield f"{file.relative_to(PROJECT)}: {node.name}", node


def is_participle(name: str) -> bool:
    word = name.strip("_")
    return word in IRREGULAR or (word.endswith("ed") and "_" not in word and word not in NO_PARTICIPLE)


@pytest.mark.parametrize("root", ROOTS)
def test_no_function_is_called_by_a_participle_alone(root: str) -> None:
    assert [place for place, node in functions(root) if is_participle(node.name)] == []


@pytest.mark.parametrize("root", DESCRIBED)
def test_a_docstring_of_a_function_begins_with_a_verb(root: str) -> None:
    said = [(place, (ast.get_docstring(node) or "").split()) for place, node in functions(root)]
    assert [place for place, words in said if words and (words[0] in NO_VERB or words[0].startswith("`"))] == []
