"""Commands that the documents name exist: targets, tests and the words that select them, commands, rules, files."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdlc import cli
from stacks.systems import FIRST

PROJECT = Path(__file__).parent.parent
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
PYTEST = re.compile(r'`pytest (?P<file>[\w/.]+)(?: -k "?(?P<words>[\w ]+?)"?)?`')
TARGET = re.compile(r"`make ([a-z-]+)")
COMMAND = re.compile(r"(?:^|`)mdlc ((?!:)[^`\n#|]*)", re.MULTILINE)
ROOTS = "stacks|constructs|lambda|containers|localcloud|mdlc|checks|tests|docs|bench|releases"
PLACE = re.compile(rf"`((?:{ROOTS})/[\w./-]*)`")
EXAMPLES = {f"stacks/systems/{name}.py" for name in FIRST}
"""Systems that a team may delete."""
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
RULES = re.compile(r"`make check`: ((?:`[\w-]+`(?:, )?)+)")


def names_in(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(TARGET.findall(text)) <= set(targets)
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []
    for command in PYTEST.finditer(text):
        names = list(names_in(PROJECT / command["file"]))
        for word in (command["words"] or "test_").split(" or "):
            assert any(word in name for name in names), command[0]


def test_rules_and_tools_that_a_page_names_are_run() -> None:
    from ml_rules.catalogue import RULES as OURS  # noqa: PLC0415 - with the CDK

    known = {rule.id for rule in OURS}
    main = (PROJECT / "checks" / "__main__.py").read_text(encoding="utf-8")
    named = [
        name
        for page in PAGES
        for listed in RULES.findall(page.read_text(encoding="utf-8"))
        for name in re.findall(r"[\w-]+", listed)
    ]
    assert named
    assert [name for name in named if name not in known and f'"{name}"' not in main] == []


def commands() -> dict[tuple[str, ...], set[str]]:
    """Options that the pages name, by command: its words, three at most, the last of which may be an argument."""
    found: dict[tuple[str, ...], set[str]] = {}
    for page in PAGES:
        for line in COMMAND.findall(page.read_text(encoding="utf-8")):
            words = itertools.takewhile(re.compile(r"[\w:-]+").fullmatch, line.split()[:3])
            named = tuple(word for word in words if not word.startswith("-"))
            if named:
                found.setdefault(named, set()).update(re.findall(r"(?<![\w-])--[a-z][a-z-]*", line))
    return found


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_a_command_that_a_page_names_has_these_options(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.main([*command, "--help"]) == 0
    said = capsys.readouterr().out
    assert [option for option in commands()[command] if option not in said] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_path_that_a_page_names_is_there(page: Path) -> None:
    named = set(PLACE.findall(page.read_text(encoding="utf-8"))) - EXAMPLES
    assert [place for place in sorted(named) if not (PROJECT / place).exists()] == []
