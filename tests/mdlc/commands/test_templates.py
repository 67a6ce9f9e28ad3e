"""mdlc templates check renders templates in Chromium, in the portal's own frame."""

import json
from pathlib import Path

import pytest

from mdlc.cli import main
from tests import chromium

LOADER = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
TEMPLATES = {
    "good.html": f'{LOADER}<crowd-form><img src="{{{{ task.input.image | grant_read_access }}}}"></crowd-form>',
    "wrong.html": f"{LOADER}<crowd-form></crowd-form><script>nothing.here()</script>",
    "mask.html": f"{LOADER}<crowd-form><crowd-semantic-segmentation></crowd-semantic-segmentation></crowd-form>",
    "liquid.html": f"{LOADER}<crowd-form>{{% if %}}</crowd-form>",
    "dead.html": "<crowd-form></crowd-form>",
    "network.html": f'{LOADER}<crowd-form></crowd-form><script src="https://cdn.example/x.js"></script><script>x()</script>',
}


@pytest.mark.slow
def test_check_says_of_each_why_it_does_not_render(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chromium.installed()
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_text(text)
    assert main(["templates", "check", str(tmp_path), "--json"]) == 1
    result = json.JSONDecoder().raw_decode(capsys.readouterr().out)[0]
    assert result["clean"] == 1
    errors = {each["name"]: each["error"] for each in result["templates"]}
    assert errors["good.html"] is None
    assert errors["wrong.html"] == "Uncaught ReferenceError: nothing is not defined"
    assert errors["mask.html"].startswith("<crowd-semantic-segmentation> cannot be used")
    assert errors["liquid.html"].startswith("The template is no valid Liquid: ")
    assert errors["dead.html"] == "Its elements never came: does it name crowd-html-elements.js?"
    assert "it needs https://cdn.example/x.js, and a template has no network." in errors["network.html"]


def test_what_is_no_template_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "check", str(tmp_path)]) == 2
    assert "has no worker template" in capsys.readouterr().err
