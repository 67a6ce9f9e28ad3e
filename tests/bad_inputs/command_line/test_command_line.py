"""Bad tables, recipes and words for mdlc: one sentence and an exit code, in little time and memory."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.bad_inputs.bounds import bounded
from tests.bad_inputs.inputs import SENTENCE, BadInput, content, label, plain, read
from tests.mdlc.conftest import Mdlc, Ran


def check(given: BadInput, ran: Ran) -> None:
    assert ran.code in given.expected, (ran.code, ran.stderr[:500])
    if ran.code:
        lines = [line for line in ran.stderr.splitlines() if line]
        assert "fault in mdlc" not in ran.stderr, ran.stderr
        assert lines[-1].startswith("mdlc: "), ran.stderr[:500]
        # rows that are wrong are listed one by one, before the sentence about all of them
        given.require_sentence(next((line for line in reversed(lines) if given.says(line)), lines[-1]))
        assert all(len(line) <= SENTENCE for line in lines), max(lines, key=len)[:300]


@pytest.fixture(autouse=True)
def started(mdlc: Mdlc, place: Path) -> None:
    """Import what commands import, which is no cost of an input."""
    del place
    for command in ("new", "data", "features", "predict", "pipeline", "model", "cost", "runs", "logs", "demo"):
        mdlc(command, "--help")


def brought(given: BadInput, path: Path) -> Path:
    """Make the file that an input brings."""
    fraud = (Path("fraud") / "claims.csv").read_text().splitlines()[0].split(",")

    def fill(token: str) -> str:
        if token.startswith("header"):
            return ",".join(name for name in fraud if name not in token.split())
        return plain(token)

    path.unlink(missing_ok=True)
    if given.get("folder"):
        path.mkdir()
    elif given.get("pipe"):
        os.mkfifo(path)
    elif given.get("link"):
        path.symlink_to(given.get("link"))
    elif not given.get("absent"):
        path.write_bytes(content(given.get("body", "a,y\n1,0\n2,1\n"), fill, given.get("encoding", "utf-8")))
    if given.get("mode") is not None:
        path.chmod(given.get("mode"))
    return path


@pytest.mark.parametrize("given", read("command_line/tables"), ids=label)
def test_tables(given: BadInput, mdlc: Mdlc, place: Path) -> None:
    if given.get("mode") == 0 and os.geteuid() == 0:
        given.members["exit"] = [0, *given.expected]  # root reads everything
    kind = given.get("with")
    match kind:
        case "publish":
            file = brought(given, place / "fraud/claims.csv")
            words = ["data", "publish", "fraud", "fraud"]
        case "prices":
            file = brought(given, place / "march.csv")
            words = ["data", "publish", "prices", str(file)]
        case "ingest":
            file = brought(given, place / "customers.csv")
            words = ["features", "ingest", "customers", str(file)]
        case _:
            name = given.get("file", "things.csv")
            file = Path(name) if name.startswith("/") else brought(given, place / name)
            words = ["new", "tabular", "things", "--label", "y", "--from", name]
    with bounded():
        ran = mdlc(*words)
    check(given, ran)


@pytest.mark.parametrize("given", read("command_line/recipes"), ids=label)
def test_recipes(given: BadInput, mdlc: Mdlc, place: Path) -> None:
    brought(given, place / "prices/prices.toml")
    with bounded():
        ran = mdlc("data", "publish", "prices", "prices")
    check(given, ran)


@pytest.mark.parametrize("given", read("command_line/arguments"), ids=label)
def test_arguments(given: BadInput, mdlc: Mdlc, place: Path, aws: Any) -> None:
    folder = place / "empty"
    folder.mkdir()
    file = brought(given, place / given.get("file", "things.csv"))
    words = [
        re.sub("«([^»]*)»", lambda found: plain(found[1]), word)
        .replace("{file}", str(file))
        .replace("{folder}", str(folder))
        for word in given.get("words")
    ]
    with bounded():
        ran = mdlc(*words)
    check(given, ran)
    assert not aws.called("PutObject")
