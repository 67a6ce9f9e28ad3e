"""mdlc manifest: check, make, adjust, merge and split the manifests of labeling jobs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from labels.manifest_tools import adjust as adjust_of
from labels.manifest_tools import check as check_of
from labels.manifest_tools import make as make_of
from labels.manifest_tools.merge import Manifest
from labels.manifest_tools.merge import merge as merge_manifests
from labels.manifest_tools.split import ShareError
from labels.manifest_tools.split import split as split_lines
from labels.objects import LineError
from labels.review.output import lines as review_lines
from labels.tree import TreeError, read_manifest
from mdlc.client.stored import InFolder, InS3
from mdlc.commands.files import read_classes, read_object, write_lines
from mdlc.commands.options import Environment, Json, LabelAttribute, connect, label_attribute
from mdlc.errors import CommandError, InputError
from mdlc.output import Output

app = typer.Typer(name="manifest", help="Manifests of labeling jobs.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A manifest.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the new manifest goes.")]
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attribute", "-a", help="The label attribute to change, once or more; default: all of them."),
]
Categories = Annotated[
    Path | None,
    typer.Option(
        "--categories",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A label category file: its order gives classes their numbers.",
    ),
]
SHOWN: Final = 10
"""How many sentences of a kind are shown; --json has all."""


@app.callback()
def _group() -> None:
    """Manifests of labeling jobs: one object a line, with its labels."""


@app.command()
def check(
    file: File,
    source: Annotated[
        str, typer.Option("--source", help='What each line must have: "source" for texts, "source-ref" for files.')
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Say what a manifest has, and every fault of every line with its remedy.

    Objects are held against Ground Truth's limits, labels against the form in which it writes them. The exit code is 1
    where there is a fault.
    """
    if source not in {"", "source", "source-ref"}:
        raise InputError(f'--source is {source!r}: give "source" or "source-ref".')
    output = Output(as_json)
    try:
        found = check_of.check(file.read_text(encoding="utf-8"), source)
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is no UTF-8 at byte {error.start}: write it so.") from error
    said = [f"{file} has {found.objects} objects."]
    said += [f"{count} have a label {name!r}: {_words(found.classes[name])}." for name, count in found.labels.items()]
    output.result(
        {
            "objects": found.objects,
            "labels": dict(found.labels),
            "classes": {name: list(each) for name, each in found.classes.items()},
            "faults": list(found.faults),
        },
        "\n".join([*said, *_show(found.faults)]),
    )
    if found.faults:
        raise typer.Exit(CommandError.exit_code)


@app.command()
def make(  # noqa: PLR0913 - an option each
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="s3://bucket/prefix, or a folder of this machine.")],
    out: Out,
    uri: Annotated[
        str, typer.Option("--uri", metavar="URI", help="Of a folder: where in S3 its pictures are copied to.")
    ] = "",
    environment: Environment = "dev",
    *,
    texts: Annotated[
        bool, typer.Option("--texts", help="Of each line of each .txt file; without it, of each picture.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the manifest of what lies below a prefix of S3, or in a folder: pictures, or the lines of text files."""
    output = Output(as_json)
    place = InS3(connect(environment), prefix) if prefix.startswith("s3://") else InFolder(Path(prefix), uri)
    stored = place.objects()
    if texts:
        lines = [line for each in stored if make_of.is_text(each) for line in make_of.texts(place.text(each.key))]
        made = make_of.Gathered(lines, {each.key: make_of.NO_TEXT for each in stored if not make_of.is_text(each)})
    else:
        made = make_of.pictures(stored, place.uri())
    if not made.lines:
        raise InputError(f"{prefix} has nothing to label: {next(iter(made.skipped.values()), 'it is empty.')}")
    write_lines(out, made.lines)
    skipped = [f"{key} is left out: {reason}" for key, reason in made.skipped.items()]
    output.result(
        {"manifest": str(out), "objects": len(made.lines), "skipped": dict(made.skipped)},
        "\n".join([f"{out} has {len(made.lines)} objects.", *_show(skipped)]),
    )


@app.command()
def adjust(
    file: File,
    drop: Annotated[list[str], typer.Option("--drop", metavar="LABEL", help="A class to take away, once or more.")],
    out: Out,
    attribute: Attributes = None,
    *,
    as_json: Json = False,
) -> None:
    """Take classes out of labels, with all that belongs to them, for a job in which people adjust the rest.

    Lines that lose something are marked as adjusted; others, and those of objects that failed, stay as they are.
    """
    output = Output(as_json)
    try:
        new = adjust_of.drop(list(read_manifest(file)), drop, attribute or ())
    except (TreeError, LineError) as error:
        raise InputError(_about(file, error)) from error
    write_lines(out, new.lines)
    count = sum(new.removed.values())
    said = [f"{count} marked labels are removed from {len(new.adjusted)} of {len(new.lines)} lines: {out}"]
    said += _show([f"Line {number} has nothing left that is labeled." for number in new.emptied])
    output.result(
        {
            "manifest": str(out),
            "removed": dict(new.removed),
            "lines": len(new.lines),
            "adjusted": list(new.adjusted),
            "emptied": list(new.emptied),
        },
        "\n".join(said),
    )


@app.command()
def merge(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="The manifests of the jobs.")
    ],
    out: Out,
    categories: Categories = None,
    attribute: Annotated[
        str,
        typer.Option(
            "--as", metavar="ATTRIBUTE", callback=label_attribute, help="Put the one label of each manifest under this."
        ),
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Make one manifest of several: one line for each object with all of its labels, one number for each class.

    Classes are the same where their names are. Lines that say different things about an object are named.
    """
    output = Output(as_json)
    try:
        manifests = [Manifest(str(file), list(read_manifest(file))) for file in files]
        merged = merge_manifests(manifests, read_classes(categories), attribute)
    except (TreeError, LineError) as error:
        raise InputError(str(error)) from error
    write_lines(out, merged.lines)
    changed = [
        f"{each.name} of {each.attribute} has number {each.after}, and {each.before} in {each.place}."
        for each in merged.renumbered
    ]
    output.result(
        {
            "manifest": str(out),
            "objects": len(merged.lines),
            "classes": {name: dict(each) for name, each in merged.classes.items()},
            "renumbered": [
                {
                    "attribute": each.attribute,
                    "class": each.name,
                    "before": each.before,
                    "after": each.after,
                    "place": each.place,
                }
                for each in merged.renumbered
            ],
        },
        "\n".join([f"{out} has {len(merged.lines)} objects.", *_show(changed)]),
    )


@app.command()
def split(  # noqa: PLR0913 - an option each
    file: File,
    part: Annotated[
        list[str], typer.Option("--part", metavar="NAME=SHARE", help="Such as train=0.8, once for each part.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to: NAME.manifest for each part.")],
    stratify: Annotated[
        str, typer.Option("--stratify", metavar="ATTRIBUTE", help="Share each class of these labels out alike.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Equal seeds give equal parts.")] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Share the lines of a manifest out to parts, such as those to train and to test with; an object is in one part."""
    output = Output(as_json)
    shares = dict(_share(each) for each in part)
    if len(shares) < len(part):
        raise InputError("Two parts have the same name: give each another.")
    try:
        parts = split_lines(list(read_manifest(file)), shares, seed, stratify)
    except (TreeError, LineError, ShareError) as error:
        raise InputError(_about(file, error)) from error
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out} cannot be a folder: {error.strerror}.") from error
    files = {name: out / f"{name}.manifest" for name in parts}
    for name, lines in parts.items():
        write_lines(files[name], lines)
    output.result(
        {
            "parts": {
                name: {"manifest": str(out / f"{name}.manifest"), "lines": len(lines)} for name, lines in parts.items()
            }
        },
        "\n".join(f"{out / f'{name}.manifest'} has {len(lines)} lines." for name, lines in parts.items()),
    )


@app.command("from-reviews")
def from_reviews(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="A flow definition's folder below its S3OutputPath, copied: each output.json in it is a review.",
        ),
    ],
    attribute: LabelAttribute,
    out: Out,
    categories: Categories = None,
    *,
    as_json: Json = False,
) -> None:
    """Make a manifest of what people answered in human loops, of Augmented AI or of this platform."""
    output = Output(as_json)
    files = sorted(folder.rglob("output.json"))
    if not files:
        raise InputError(f"{folder} has no output.json: give the folder of one flow definition, as it was copied.")
    documents = [read_object(file) for file in files]
    try:
        lines = review_lines(documents, attribute, read_classes(categories), when=datetime.now(UTC))
    except ValueError as error:
        raise InputError(f"{folder}: {error}") from error
    write_lines(out, lines)
    failed = {
        str(file): reason
        for file, line in zip(files, lines, strict=True)
        if (reason := line[f"{attribute}-metadata"].get("failure-reason"))
    }
    said = [f"{out} has {len(lines)} objects, {len(lines) - len(failed)} with a label."]
    output.result(
        {"manifest": str(out), "objects": len(lines), "failed": failed},
        "\n".join([*said, *_show([f"{file}: {reason}" for file, reason in failed.items()])]),
    )


def _share(part: str) -> tuple[str, float]:
    name, _, share = part.partition("=")
    try:
        number = float(share)
    except ValueError:
        number = 0
    if not name or "/" in name or not 0 < number < 1:
        raise InputError(f"{part!r} is no part: write a name and a share between 0 and 1, such as train=0.8.")
    return name, number


def _about(file: Path, error: Exception) -> str:
    return str(error) if isinstance(error, TreeError) else f"{file}: {error}"


def _words(names: Sequence[str]) -> str:
    return ", ".join(names) or "no classes"


def _show(sentences: Sequence[str]) -> list[str]:
    more = [f"… and {len(sentences) - SHOWN} more; --json has all."] if len(sentences) > SHOWN else []
    return [*sentences[:SHOWN], *more]
