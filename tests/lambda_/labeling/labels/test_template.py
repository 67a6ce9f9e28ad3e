"""Worker templates that load something from hosts that nobody has allowed are refused by the host's name."""

import pytest

from labels.template import TemplateError, check

AWS = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'  # as in every template of AWS's


@pytest.mark.parametrize(
    "template",
    [
        f"{AWS}<crowd-form></crowd-form>",
        '<script src="https://cdn.example.com/d3.js"></script>',
        '<link rel="stylesheet" href="//cdn.example.com/a.css">',
        '<script>const page = "https://evil.example.com";</script>',
        '<img src="{{ task.input.taskObject | grant_read_access }}">',
        '<script src="{{ task.input.script }}"></script>',
    ],
)
def test_these_load_nothing_that_is_not_allowed(template: str) -> None:
    check(template, ["cdn.example.com"])


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://evil.example.com/x.js"></script>',
        "<SCRIPT SRC=//EVIL.example.com/x.js></SCRIPT>",
        '<link rel="stylesheet" href=" https://evil.example.com/a.css">',
        '<iframe src="http://evil.example.com"></iframe>',
        '<object data="https://evil.example.com/a.swf"></object>',
        '<embed src="https://me@evil.example.com:8443/a">',
    ],
)
def test_another_host_is_named(element: str) -> None:
    with pytest.raises(TemplateError, match=r"loads something from evil\.example\.com: put it into the template"):
        check(f"{AWS}{element}", ["cdn.example.com"])


def test_an_empty_template_is_none() -> None:
    with pytest.raises(TemplateError, match="is empty"):
        check(" \n", [])
