"""Dependencies point one way: app → stacks → constructs → assets, and `mdlc` over AWS's APIs alone."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from checks.map import PICTURE, ROOTS, Root, circles, picture, tree_of, upward
from checks.map import imports as loaded

PROJECT = Path(__file__).parent.parent
NO_ROOTS = {"build", "cdk.out", "node_modules", "releases", "tests"}
"""Folders beside the roots: what is made, what is kept, and tests, which may import everything."""
HOUSE = {"app", "bench", "tests", *(root.package.rpartition(".")[2] for root in ROOTS if root.package)}
HOUSE |= {package for root in ROOTS if not root.package for package in root.packages}
"""What is imported from the top and is ours."""
CLOUDS = {"aws_cdk", "boto3", "botocore", "cdk_nag", "constructs", "jsii", "ministack", "sagemaker"}
"""Libraries of AWS, which a root has or has not: whatever else it imports is for its dependencies to say."""
CDK, API = {"aws_cdk", "constructs", "jsii"}, {"boto3", "botocore"}
MAY_IMPORT = {
    "account": {"account"},  # facts of AWS as data, for whoever judges by them
    "app.py": {"aws_cdk", "ml_rules", "stacks"},
    "stacks": {"account", "stacks", "ml_constructs", *CDK},
    "constructs/ml_constructs": {"account", "ml_constructs", *CDK},
    "constructs/ml_rules": {
        "account",
        "ml_rules",
        "ml_constructs.foundation.acknowledgment",
        "cdk_nag",
        "botocore",
        *CDK,
    },
    "mdlc": {
        *(
            "mdlc",
            "account",
            "localcloud",
            "localsagemaker",
            "experiments",
            "labels",
            "rollout.state",
            "evaluation",
            "contract.archive",
            "contract.errors",
        ),
        *("tabular.encoding.column_name", "tabular.raw_tables", "tabular.recipe_file", "tabular.recipes", *API),
    },
    "localcloud": {"account", "localcloud", "localsagemaker", "ministack", *API},
    "localsagemaker": {"account", "localsagemaker", *API},
    "localsagemaker/kernel": {"localsagemaker.kernel", "localsagemaker.errors", *API},
    "checks": {"account", "checks", "app", "stacks", "ml_rules", "ml_constructs", *CDK},
    "checks/rehearsal.py": {"localcloud", "localsagemaker"},  # reads the tables of a page from the local cloud's own
    "bench": {"bench", "mdlc", "contract", "evaluation", "knn", "tabular", "vision"},
    **{
        f"{root.folder}/{package}": {package, *(lower for floor in root.floors[number + 1 :] for lower in floor)}
        | (API if root.folder.startswith("lambda/") else set())
        for root in ROOTS
        if not root.package
        for number, floor in enumerate(root.floors)
        for package in floor
    },
}
"""What each root may import of the house and of AWS's libraries: nothing else. The longest path that fits is a file's.

Packages of containers and functions import those on the floors below them in their own root.
"""
SCRIPTS = {package for root in ROOTS if root.folder == "containers" for package in root.packages}
"""What the scripts of a system may import: they run in one of the images."""
BY_NAME = {"stacks/systems/__init__.py", "mdlc/cli.py", "checks/rehearsal.py"}
"""Files that import the modules of one folder by name."""


def sources(project: Path = PROJECT) -> Iterator[Path]:
    """Every source of the house, but tests."""
    yield from project.glob("*.py")
    for folder in sorted(project.iterdir()):
        if folder.is_dir() and not folder.name.startswith((".", "__")) and folder.name not in NO_ROOTS:
            yield from sorted(folder.rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every name that code imports: in functions, for types, by name, in another process, or in code inside of text."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                for option, name in pairwise(parts):
                    match option, name:
                        case ast.Constant("-m"), ast.Constant(str(module)):
                            yield module
            case ast.Constant(str(text)) if "import" in text:
                with suppress(SyntaxError, ValueError):
                    yield from imports(ast.parse(text))


def doors(tree: ast.AST) -> Iterator[str]:
    """Every way to import that no reader of imports sees through: by name, or from wherever the file is."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(level=level) if level:
                yield f"from {'.' * level}{node.module or ''} import …"
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name.split(".")[0] in {"importlib", "runpy", "pydoc"})
            case ast.ImportFrom(module="importlib" | "importlib.util" | "importlib.machinery" | "runpy" | "pydoc"):
                yield from (
                    f"{node.module}.{each.name}" for each in node.names if each.name not in {"metadata", "resources"}
                )
            case ast.Call(func=ast.Name(id="__import__" | "exec" | "eval" as name)):
                yield name


def allowed(place: str) -> set[str]:
    """What the file at `place` may import of the house; nothing where no row is its own."""
    if "scripts" in place.split("/"):
        return SCRIPTS
    rows = [row for row in MAY_IMPORT if place == row or place.startswith((f"{row}/", f"{row}.py"))]
    return MAY_IMPORT[max(rows, key=len)] if rows else set()


def wrong(file: Path, project: Path = PROJECT) -> list[str]:
    """What a file imports of the house or of AWS's libraries, and may not."""
    place = str(file.relative_to(project))
    tree = tree_of(file)
    judged = HOUSE | CLOUDS | {each.name for each in project.iterdir() if each.is_dir()}
    may, in_images = allowed(place), place.startswith("constructs/")  # whose commands run there
    found = [
        f"{place} imports {name}: MAY_IMPORT in tests/test_layers.py says what it may"
        for name in dict.fromkeys(imports(tree))
        if name.split(".")[0] in judged
        and not any(name == each or name.startswith(f"{each}.") for each in may)
        and not (in_images and name in IN_IMAGES)
    ]
    if place not in BY_NAME:
        found += [f"{place} imports by {door}: write the import out, from the top" for door in doors(tree)]
    return found


IN_IMAGES = {"tabular", "knn"}
"""Modules that constructs run in an image, `python -m tabular`: they import none of them."""


def test_every_file_imports_what_its_root_may_and_nothing_else() -> None:
    assert [each for file in sources() for each in wrong(file)] == []


def test_tests_import_from_the_top() -> None:
    relative = [
        (str(file), door)
        for file in (PROJECT / "tests").rglob("*.py")
        for door in doors(tree_of(file))
        if door.startswith("from .")
    ]
    assert relative == []


def test_every_row_says_something_of_a_file() -> None:
    assert [row for row in MAY_IMPORT if not (PROJECT / row).exists() and not (PROJECT / f"{row}.py").exists()] == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("localcloud/report.py", "def f():\n    import mdlc.output"),
        ("localcloud/report.py", "from mdlc import output as z"),
        ("localcloud/report.py", "import importlib\nimportlib.import_module('mdlc.output')"),
        ("localcloud/report.py", "from importlib import import_module as load"),
        ("localcloud/report.py", "from importlib.util import spec_from_file_location"),
        ("localcloud/report.py", "__import__('stacks.settings')"),
        ("localcloud/report.py", "from pydoc import locate"),
        ("localcloud/report.py", "import runpy"),
        ("localcloud/report.py", "exec(text)"),
        ("localcloud/report.py", "run(['python', '-c', 'import stacks'])"),
        ("localcloud/report.py", "run(('python', '-m', 'mdlc.cli'))"),
        ("localcloud/report.py", "if TYPE_CHECKING:\n    from stacks.settings import Environment"),
        ("localcloud/report.py", "import checks.map"),
        ("localcloud/report.py", "import bench.serving"),
        ("localcloud/report.py", "import tests.environments"),
        ("localcloud/report.py", "import tabular"),
        ("localcloud/report.py", "import extra"),
        ("localcloud/report.py", "import aws_cdk"),
        ("localsagemaker/kernel/kinds.py", "from localsagemaker.images import venv"),
        ("localsagemaker/service.py", "from localcloud import cdk"),
        ("localsagemaker/service.py", "import ministack"),
        ("stacks/storage.py", "from . import platform"),
        ("stacks/people.py", "import checks.map"),
        ("stacks/people.py", "import tests.environments"),
        ("stacks/systems/own.py", "import app"),
        ("constructs/ml_constructs/jobs/kinds.py", "import checks.map"),
        ("constructs/ml_constructs/jobs/kinds.py", "import tests.environments"),
        ("constructs/ml_constructs/jobs/kinds.py", "import tabular.train"),
        ("constructs/ml_constructs/jobs/kinds.py", "import ml_rules"),
        ("constructs/ml_rules/values.py", "import ml_constructs.jobs.kinds"),
        ("mdlc/systems/__init__.py", "from ..client import aws"),
        ("mdlc/systems/__init__.py", "from .. import client"),
        ("mdlc/output.py", "import checks.map"),
        ("mdlc/output.py", "import tabular.train"),
        ("mdlc/output.py", "import aws_cdk"),
        ("mdlc/systems/own/scripts/train.py", "import mdlc.output"),
        ("lambda/serving/predictions/handler.py", "import tabular.train"),
        ("lambda/serving/predictions/handler.py", "import rollout.state"),
        ("lambda/serving/predictions/handler.py", "import run_comparison"),
        ("lambda/serving/predictions/handler.py", "import aws_cdk"),
        ("lambda/serving/own/handler.py", "import predictions"),
        ("containers/knn/__main__.py", "import tabular.train"),
        ("containers/contract/paths.py", "import evaluation"),
        ("containers/tabular/train.py", "import boto3"),
        ("extra/__init__.py", "import stacks"),
        ("app.py", "import mdlc"),
    ],
)
def test_a_forbidden_import_is_noticed(place: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "extra").mkdir()
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert list(sources(tmp_path)) == [file]
    assert wrong(file, tmp_path), text


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("localcloud/report.py", '"""Imports stacks from an app, and says so."""\nfrom localcloud import cdk'),
        ("localcloud/report.py", "from importlib import resources\nimport importlib_metadata"),
        ("containers/knn/__main__.py", "from contract.paths import Paths\nimport numpy"),
        ("constructs/ml_constructs/systems/knn.py", "ENTRYPOINT = ('python', '-m', 'knn')"),
        ("mdlc/systems/own/scripts/train.py", "from tabular.__main__ import main"),
        ("stacks/systems/own.py", "from stacks.systems.tabular import TabularSystem"),
    ],
)
def test_other_imports_are_none(place: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert wrong(file, tmp_path) == []


FLOORS = next(root.floors for root in ROOTS if root.folder == "mdlc")
"""The floors of the command line, the top one first: what stands on one knows nothing of those above."""


@pytest.mark.parametrize("floor", range(1, len(FLOORS)), ids=lambda floor: FLOORS[floor][0])
def test_nothing_in_mdlc_imports_a_floor_above_its_own(floor: int) -> None:
    """Not even for types."""
    above = tuple(f"mdlc.{name}." for names in FLOORS[:floor] for name in names)
    for name in FLOORS[floor]:
        place = PROJECT / "mdlc" / name
        for file in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
            names = imports(tree_of(file))
            assert [each for each in names if f"{each}.".startswith(above)] == [], file


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
    assert [name for name, times in Counter(names).items() if times > 1 or name in sys.stdlib_module_names] == []


CODE = (
    "account",
    "stacks",
    "constructs",
    "lambda",
    "containers",
    "localcloud",
    "localsagemaker",
    "mdlc",
    "checks",
    "bench",
)


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
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    told = re.findall(r"^\| \*\*([^*]+)\*\*", (PROJECT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    known = {word.strip().replace(" ", "").lower() for line in told for word in line.split(",")}
    assert [name for name, times in names.items() if times > 2 and name.lower() not in known] == []
