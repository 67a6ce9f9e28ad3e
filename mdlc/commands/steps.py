"""mdlc steps: another name of `mdlc pipeline`, from when state machines had commands of their own."""

import typer

from mdlc.commands import pipeline, runs

app = typer.Typer(name="steps", help="Another name of mdlc pipeline.", no_args_is_help=True, hidden=True)

for command in (pipeline.start, pipeline.status, pipeline.wait, pipeline.stop, runs.best):
    app.command()(command)
app.command("list")(pipeline.list_executions)
