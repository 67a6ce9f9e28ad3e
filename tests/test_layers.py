"""Dependencies point one way: app → stacks → constructs → assets, and `mdlc` over AWS's APIs alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PLATFORM = {
    path.name
    for root in ("containers", "lambda/*")
    for path in PROJECT.glob(f"{root}/*")
    if (path / "__init__.py").exists()
}
"""Packages of the containers and of the functions: the local cloud runs any app, and so knows none of them."""
FORBIDDEN = {
    "constructs": {"stacks", "mdlc", "localcloud", "app"},
    "constructs/ml_constructs": {"ml_rules"},
    "constructs/ml_constructs/foundation": {"ml_constructs.jobs", "ml_constructs.pipelines", "ml_constructs.machines"},
    "constructs/ml_constructs/jobs": {"ml_constructs.pipelines", "ml_constructs.machines"},
    "constructs/ml_constructs/machines": {"ml_constructs.pipelines"},
    "containers": {"stacks", "ml_constructs", "mdlc", "localcloud", "app", "boto3", "aws_cdk"},
    "lambda": {"stacks", "ml_constructs", "mdlc", "localcloud", "app", "aws_cdk"},
    "stacks": {"mdlc", "localcloud", "app"},
    "mdlc": {"stacks", "ml_constructs", "ml_rules", "app", "aws_cdk"},
    "localcloud": {"stacks", "ml_constructs", "ml_rules", "mdlc", "checks", "app", "aws_cdk", *PLATFORM},
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong(root: str, forbidden: set[str]) -> list[str]:
    return [
        f"{file.relative_to(PROJECT)} imports {name}"
        for file in sorted((PROJECT / root).rglob("*.py"))
        for name in imports(file)
        if any(name == each or name.startswith(f"{each}.") for each in forbidden)
    ]


@pytest.mark.parametrize("root", FORBIDDEN)
def test_a_source_root_imports_nothing_from_above(root: str) -> None:
    assert wrong(root, FORBIDDEN[root]) == []


FLOORS = (
    ("cli", "commands"),
    ("demos",),
    ("report",),
    ("client", "cost", "features", "new"),
    ("systems",),
    ("output", "errors", "project"),
)
"""The floors of the command line, the top one first: what stands on one knows nothing of those above."""


@pytest.mark.parametrize("floor", range(1, len(FLOORS)), ids=lambda floor: FLOORS[floor][0])
def test_nothing_in_mdlc_imports_a_floor_above_its_own(floor: int) -> None:
    above = {f"mdlc.{name}" for names in FLOORS[:floor] for name in names}
    for name in FLOORS[floor]:
        place = PROJECT / "mdlc" / name
        assert (
            wrong(f"mdlc/{name}", above) == [] if place.is_dir() else not above & set(imports(place.with_suffix(".py")))
        )


def test_every_part_of_mdlc_stands_on_a_floor() -> None:
    parts = {
        path.stem for path in (PROJECT / "mdlc").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert parts - {"__init__"} == {name for names in FLOORS for name in names}
