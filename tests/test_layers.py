"""Dependencies point one way: app → stacks → constructs → assets, and `mdlc` over AWS's APIs alone."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.map import PICTURE, ROOTS, Root, circles, picture, upward
from checks.map import imports as loaded

PROJECT = Path(__file__).parent.parent
PLATFORM = {
    path.name
    for root in ("containers", "lambda/*")
    for path in PROJECT.glob(f"{root}/*")
    if (path / "__init__.py").exists()
}
"""Packages of the containers and of the functions: the local cloud runs any app, and so knows none of them."""
FORBIDDEN = {
    "account": {
        "stacks",
        "ml_constructs",
        "ml_rules",
        "mdlc",
        "localcloud",
        "checks",
        "app",
        "aws_cdk",
        "boto3",
        *PLATFORM,
    },
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


FLOORS = next(root.floors for root in ROOTS if root.folder == "mdlc")
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


ALL_ROOTS = pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.folder)


@ALL_ROOTS
def test_every_package_stands_on_one_floor(root: Root) -> None:
    assert sorted(name for names in root.floors for name in names) == root.packages


@ALL_ROOTS
def test_no_arrow_runs_up(root: Root) -> None:
    assert upward(root) == set()


@ALL_ROOTS
def test_no_modules_import_each_other_in_a_circle(root: Root) -> None:
    assert circles(root) == []


def test_a_circle_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.map.PROJECT", tmp_path)
    package = tmp_path / "house"
    package.mkdir()
    for name, text in {"one": "from house import two", "two": "import house.one", "three": "import house.one"}.items():
        (package / f"{name}.py").write_text(text)
    house = Root("house", "house", "", (("three",), ("two",), ("one",)))
    assert circles(house) == [["house.one", "house.three", "house.two"]]
    assert upward(house) == {("one", "two")}
    (package / "one.py").write_text("def later() -> None:\n    from house import two\n")
    assert circles(house) == []
    assert upward(house) == {("one", "two")}, "it is an arrow all the same"


def test_an_import_for_types_alone_is_no_arrow(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\nelse:\n    import c\n"
    )
    assert list(loaded(tmp_path / "a.py")) == ["typing.TYPE_CHECKING", "c"]


def test_the_picture_of_the_house_is_what_the_imports_say() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "python -m checks.map draws it anew"


def test_names_that_are_imported_from_the_top_differ() -> None:
    tops = [PROJECT, *(PROJECT / name for name in ("constructs", "containers")), *sorted(PROJECT.glob("lambda/*"))]
    names = [
        place.stem
        for top in tops
        for place in top.iterdir()
        if place.suffix == ".py" or (place / "__init__.py").exists()
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


CODE = ("account", "stacks", "constructs", "lambda", "containers", "localcloud", "mdlc", "checks", "bench")


def test_no_root_is_most_of_the_house() -> None:
    lines = {
        root: sum(len(file.read_text(encoding="utf-8").splitlines()) for file in (PROJECT / root).rglob("*.py"))
        for root in CODE
    }
    assert max(lines.values()) < 0.4 * sum(lines.values()), lines


def test_a_class_name_with_more_than_two_meanings_is_in_the_glossary() -> None:
    names = Counter(
        node.name
        for root in CODE
        for file in (PROJECT / root).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    told = re.findall(r"^\| \*\*([^*]+)\*\*", (PROJECT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    known = {word.strip().replace(" ", "").lower() for line in told for word in line.split(",")}
    assert [name for name, times in names.items() if times > 2 and name.lower() not in known] == []
