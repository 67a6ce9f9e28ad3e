"""mdlc new: declare a system of a team's own."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mdlc.commands.options import Json, finite
from mdlc.errors import InputError
from mdlc.new import declaration, profile, recipe
from mdlc.output import Output
from mdlc.project import ROOT, SYSTEMS

app = typer.Typer(
    no_args_is_help=True, help="Declare a system of your own: its stack, pipeline, rights and API follow."
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the system: 2 to 20 of a-z and 0-9, a letter first.")
]
Objectives = ("binary", "multiclass", "regression")


@app.command()
def tabular(  # noqa: PLR0913 - an option each
    name: Name,
    table: Annotated[
        Path,
        typer.Option(
            "--from", metavar="FILE", exists=True, help="CSV file with a header, whose columns are looked at."
        ),
    ],
    label: Annotated[str, typer.Option(help="Column that is to be predicted.")],
    *,
    objective: Annotated[
        str | None, typer.Option(help="binary, multiclass or regression; else it is inferred.")
    ] = None,
    identifier: Annotated[str | None, typer.Option(help="Column that identifies rows; else it is inferred.")] = None,
    gate: Annotated[
        float | None, typer.Option(callback=finite, help="Least figure of a model that is registered.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Declare a model of a table: a SageMaker pipeline of boosted trees, with gate, bias, explanation and endpoint."""
    if objective not in {None, *Objectives}:
        raise InputError(f"There is no objective {objective!r}: use {', '.join(Objectives)}.")
    declaration.check_name(name, SYSTEMS)
    found = profile.read(table)
    made = recipe.infer(found, label=label, objective=objective, identifier=identifier)  # type: ignore[arg-type] # one of them
    files = declaration.declare_tabular(name, SYSTEMS, made, gate=gate)
    files.write()
    written = [str(path.relative_to(ROOT)) for path in files.texts]
    ignored = f", without {', '.join(made.ignored)}" if made.ignored else ""
    Output(as_json=as_json).result(
        {
            "system": name,
            "objective": made.objective,
            "rows": found.rows,
            "identifier": made.identifier,
            "ignored": list(made.ignored),
            "files": written,
        },
        f"{name} predicts {label} ({made.objective}) from {found.rows} rows of {found.name}{ignored}.\n"
        f"Read and edit {written[1]}; then mdlc demo {name} --data {shlex.quote(str(table))} rehearses it all.",
    )


@app.command()
def scripts(  # noqa: PLR0913 - an option each
    name: Name,
    image: Annotated[str, typer.Option(help="Image that runs them: tabular or vision.")] = "tabular",
    table: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            exists=True,
            help="CSV file with a header, of which a recipe is made for the scripts.",
        ),
    ] = None,
    label: Annotated[str | None, typer.Option(help="Column of it that is to be predicted.")] = None,
    *,
    identifier: Annotated[str | None, typer.Option(help="Column that identifies rows; else it is inferred.")] = None,
    as_json: Json = False,
) -> None:
    """Declare a system whose own training scripts a Step Functions state machine runs."""
    if (table is None) != (label is None):
        raise InputError("Give --from and --label together: a recipe says what is predicted from which table.")
    declaration.check_name(name, SYSTEMS)
    found = profile.read(table) if table else None
    made = recipe.infer(found, label=label, identifier=identifier) if found and label else None
    folder = ROOT / "scripts" / name
    files = declaration.declare_scripts(name, SYSTEMS, image=image, scripts=folder, recipe=made)
    files.write()
    Output(as_json=as_json).result(
        {"system": name, "image": image, "files": [str(path.relative_to(ROOT)) for path in files.texts]},
        f"{name} runs the scripts in scripts/{name}: edit them. {_data(name, image, table)}",
    )


def _data(name: str, image: str, table: Path | None) -> str:
    """Say what data the scripts take as they are, and how they get there."""
    if table:
        return (
            f"Every version of its data carries scripts/{name}/{declaration.RECIPE}: read and edit it too.\n"
            f"mdlc demo {name} --data {shlex.quote(str(table))} rehearses it all."
        )
    held = {
        "tabular": f"the table and its {declaration.RECIPE} (--from and --label of this command write one)",
        "vision": "a folder of pictures for each class",
    }[image]
    return f"As they are, they take a FOLDER that holds {held}.\nmdlc demo {name} --data FOLDER rehearses it all."
