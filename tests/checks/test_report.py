"""The page of a check: what failed, what may stay and why, and what judged."""

from dataclasses import replace
from pathlib import Path

from checks import provenance
from checks.gates import Found, Gate
from checks.provenance import Provenance
from checks.report import Check, Planted, render
from checks.synthesis import Acknowledgment, Synthesis
from checks.vectors import Coverage
from ml_rules.packs import NOT_ADOPTED
from tests.mdlc.report.pages import Page

REASON = "Nothing is in the network of a sandbox."
CHECK = Check(
    gates=(
        Gate("cdk-nag", 1.5, (Found("VPC7", "dev/a", "no logs", REASON), Found("VPC7", "dev/b", "no logs", REASON))),
        Gate("bandit", 0.5, (Found("B101", "app.py:3", "<b>assert</b>"),)),
        Gate("hadolint", 0.1),
    ),
    synthesis=Synthesis(
        (),
        {"dev-network": {}},
        (Acknowledgment("Vpc", "VPC7", REASON), Acknowledgment("Spare", "VPC7", REASON)),
        {},
        dict.fromkeys(NOT_ADOPTED, 3),
    ),
    controls=(Coverage("SageMaker.1", 2, 3, ()),),
    planted=Planted({"open-bucket": {"S3-1"}}, (), ()),
    access={"assertions": 79388, "denials": 70000, "statements": 500},
    seconds=12.34,
    provenance=Provenance("0123456789ab", {"bandit": "1.9.4"}),
)


def test_the_top_says_what_was_checked_when_and_by_what() -> None:
    page = Page(render(CHECK))
    assert "failed commit 0123456789ab" in page.text
    assert page.row("bandit") == ["bandit", "1.9.4"]
    assert page.text.count(" UTC") == 2
    assert page.addresses == ["access.html", "questions.html"]


def test_explained_findings_are_told_from_acknowledgments() -> None:
    """Two findings have one reason, which is acknowledged once; one finding is open."""
    page = Page(render(CHECK))
    assert "open findings 1 2 more are explained" in page.text
    assert "acknowledgments 1 of 29 at most" in page.text
    assert page.row("explained")[1].startswith("It may stay, for a reason that stands below.")
    assert page.row("cdk-nag") == ["cdk-nag", "passed", "0", "2", "1.5"]
    assert [row for row in page.rows if row[0] == "VPC7"] == [
        ["VPC7", REASON, "Spare, Vpc"],
        ["VPC7", "2", REASON, "dev/a"],
    ]


def test_what_is_open_is_shown_and_cannot_become_markup() -> None:
    html = render(CHECK)
    assert Page(html).row("B101") == ["B101", "app.py:3", "<b>assert</b>"]
    assert "<b>assert" not in html
    assert "Open: hadolint" not in html


def test_a_check_without_open_findings_has_passed() -> None:
    passed = replace(CHECK, gates=CHECK.gates[:1])
    assert "passed commit" in Page(render(passed)).text


def test_versions_are_those_of_the_tools_that_are_installed(tmp_path: Path) -> None:
    for name, written in (("cfn_lint", "1.58.0"), ("requests", "2.0")):
        folder = tmp_path / f"lib/python3.11/site-packages/{name}-{written}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {written}\n")
    assert provenance.tool_versions(tmp_path) == {"cfn-lint": "1.58.0"}
    assert provenance.tool_versions(tmp_path / "nowhere") == {}
