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
    "localcloud/sagemaker/kernel": {
        "localcloud.images",
        *(
            f"localcloud.sagemaker.{part.stem}"
            for part in (PROJECT / "localcloud/sagemaker").iterdir()
            if part.name != "kernel"
        ),
    },
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


def test_commands_are_only_the_surface_of_mdlc() -> None:
    above = {"mdlc/cli.py", *(f"mdlc/commands/{file.name}" for file in (PROJECT / "mdlc/commands").glob("*.py"))}
    assert [line for line in wrong("mdlc", {"mdlc.commands"}) if line.split(" ")[0] not in above] == []
