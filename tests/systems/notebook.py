"""A notebook as a person gets and runs it: the space's start script brings it, their credentials run its cells."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.systems.workplace import Somebody, Workplace

_SHELL = "PATH", "LANG"
_JUPYTER = """\
import sys, types
display = print
module = types.ModuleType("IPython.display")
module.Image = lambda picture: f"a picture of {len(picture)} bytes"
sys.modules |= {"IPython": types.ModuleType("IPython"), "IPython.display": module}
"""
"""What JupyterLab has and the tests do not."""


def start(here: Workplace, space: str, home: Path) -> list[Path]:
    """Run the start script of a space in a home folder, as SageMaker does: the notebooks that are there then."""
    sagemaker = here.client("sagemaker")
    domain = here.output("dev-studio", "StudioDomainId")
    settings = sagemaker.describe_space(DomainId=domain, SpaceName=space)["SpaceSettings"]["JupyterLabAppSettings"]
    name = settings["DefaultResourceSpec"]["LifecycleConfigArn"].rpartition("/")[2]
    config = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
    script = base64.b64decode(config["StudioLifecycleConfigContent"])
    environment = {name: os.environ[name] for name in _SHELL if name in os.environ} | {"HOME": str(home)}
    subprocess.run(["/bin/bash"], input=script, cwd=home, env=environment, check=True, capture_output=True, timeout=60)
    return sorted(home.glob("*.ipynb"))


def run(notebook: Path, person: Somebody, **settings: Any) -> str:
    """Run all cells from top to bottom as `person`, with other settings in the first: what they print, to the end."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]
    given = [f"{name} = {value!r}" for name, value in settings.items()]
    done = subprocess.run(
        [sys.executable, "-"],
        input="\n".join([_JUPYTER, cells[0], *given, *cells[1:]]),
        env={name: os.environ[name] for name in _SHELL if name in os.environ} | person.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout
