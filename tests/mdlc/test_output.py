"""What others wrote is shown as it stands: neither markup nor anything else that a terminal obeys."""

import pytest

from mdlc.output import Output, plain, table


def test_text_of_the_cloud_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    output.result({}, "[bold]a[/bold] :smile: [/x]")
    output.result({}, table(("reason",), [("[red]b[/red]",)]))
    output.note("[bold]c[/bold]")
    with output.progress("[bold]d[/bold]"):
        pass
    said = capsys.readouterr()
    assert said.out.split("\n")[0] == "[bold]a[/bold] :smile: [/x]"
    assert "[red]b[/red]" in said.out
    assert said.err == "[bold]c[/bold]\n[bold]d[/bold] …\n"


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert plain("a\x1b[2Jb\x00\tc\nd\u0085") == "a�[2Jb�\tc\nd�"
