"""mdlc templates: worker templates of labeling jobs and human reviews."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from mdlc.commands.options import Json
from mdlc.errors import CommandError
from mdlc.output import Output, spell, table
from mdlc.templates.check import check as check_templates
from mdlc.templates.server import TemplateServer, serving
from mdlc.templates.template import Template, find, read_data, sample

app = typer.Typer(name="templates", help="Worker templates: Liquid and crowd elements.", no_args_is_help=True)

Data = Annotated[
    Path | None,
    typer.Option(
        "--input",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="JSON with the task.input to show; files beside it that it names are its media. Default: samples.",
    ),
]


@app.command()
def check(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="PLACE", exists=True, help="A template, a folder of them, or a git directory's newest commit."
        ),
    ],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Render worker templates as people will see them, in Chromium, and say which do so without an error."""
    output = Output(as_json)
    given, media = read_data(data) if data else (None, {})
    templates = [Template(name, text, given or sample(text), media) for name, text in find(place).items()]
    with output.progress(f"rendering {len(templates)} templates") as say:
        judged = check_templates(templates, say)
    wrong = [each for each in judged if not each.clean]
    rows = [(each.name, each.why) for each in wrong] + [
        (each.name, f"clean, but {note[0].lower()}{note[1:]}") for each in judged if each.clean for note in each.notes
    ]
    summary = f"{len(judged) - len(wrong)} of {len(judged)} templates render without an error."
    if rows:
        output.note(summary)
    output.result(
        {
            "clean": len(judged) - len(wrong),
            "templates": [
                {"name": each.name, "clean": each.clean, "error": each.why or None, "notes": list(each.notes)}
                for each in judged
            ],
        },
        table(("template", "what"), rows) if rows else summary,
    )
    if wrong:
        raise CommandError(f"{len(wrong)} of {len(judged)} templates do not render without an error.")


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A worker template.")],
    data: Data = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Default: a free one.")] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Serve a template on this machine to try it: each answer is printed as a worker would submit it."""
    output = Output(as_json)
    ((name, text),) = find(file).items()
    given, media = read_data(data) if data else (sample(text), {})

    def hear(path: str, result: dict[str, object]) -> None:
        if path == "/results":
            output.result({"answer": result["answer"]}, spell(result["answer"], indent=2))

    with serving(TemplateServer("try/preview.html", [Template(name, text, given, media)], hear, port)) as server:
        output.note(f"{name} is at {server.address}, for this machine alone; Ctrl+C ends it.")
        threading.Event().wait()
