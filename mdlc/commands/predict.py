"""mdlc predict: ask a system's API."""

import base64
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mdlc import systems
from mdlc.client import predictions
from mdlc.client.deployed import Deployed
from mdlc.commands.options import Environment, Json, connect
from mdlc.errors import InputError
from mdlc.output import Output, spell
from mdlc.report.text import label
from mdlc.systems import System

LARGEST_BODY = 6 * 1024 * 1024
LABEL = "predicted_label"
SERVED = sorted(system.name for system in systems.SYSTEMS.values() if system.prediction_path)
PICTURES = (".jpeg", ".jpg", ".png")


def predict(
    system: Annotated[
        str, typer.Argument(metavar="SYSTEM", help=f"Which system: {', '.join(SERVED)}, and others that are served.")
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help='JSON {"instances": [{…record…}]}, or a picture; without it, or as "-", JSON of standard input.',
        ),
    ] = Path("-"),
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """Ask the HTTP API of a system for predictions, or its endpoint where it has none."""
    output = Output(as_json)
    chosen = systems.find(system)
    request = _read_request(file)
    cloud = connect(environment)
    with output.progress(f"asking {chosen.name} in {cloud.description}"):
        answer = predictions.ask(Deployed(cloud, chosen, environment), request)
    output.result(answer, "\n".join(spell(prediction) for prediction in answer["predictions"]))
    if not as_json and (named := _names(chosen, answer["predictions"])):
        output.note(f"{named}.")


def _names(system: System, predictions: Sequence[object]) -> str:
    """Say what the labels of an answer stand for, each once: `2 is virginica`; empty where they have no names.

    Answers hold labels as the data do, and k-NN's are those of the built-in algorithm: names are for people alone.
    """
    labels = (label(each[LABEL]) for each in predictions if isinstance(each, dict) and LABEL in each)
    return ", ".join(
        f"{found} is {system.classes[found]}" for found in dict.fromkeys(labels) if found in system.classes
    )


def _read_request(file: Path) -> dict[str, Any]:
    name = "standard input" if str(file) == "-" else str(file)
    if str(file) != "-" and not file.is_file():
        raise InputError(f"{file} is not a file.")
    text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if file.suffix.lower() in PICTURES:
        text = json.dumps({"instances": [{"b64": base64.b64encode(text).decode()}]}).encode()
    if len(text) > LARGEST_BODY:
        raise InputError(f"{name} is larger than 6 MiB, the most that the API takes.")
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is no JSON: {error}.") from None
    if not isinstance(request, dict) or not isinstance(request.get("instances"), list) or not request["instances"]:
        raise InputError(f'{name} must be a JSON object {{"instances": […]}} with at least one instance.')
    return request
