"""The declaration of a system of a team's own: one module below `stacks/systems/`, which everything else follows."""

import keyword
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdlc.errors import InputError
from mdlc.new.recipe import Objective, Recipe
from mdlc.systems.declared import METRICS

_NAME: Final = re.compile(r"[a-z][a-z0-9]{1,19}")
TAKEN: Final = frozenset(
    {
        *("api", "budget", "delivery", "experiments", "features", "images", "jobs", "labeling", "mlflow", "models"),
        *(
            "monitoring",
            "neighbours",
            "network",
            "notices",
            "optimization",
            "scripted",
            "serving",
            "steps",
            "storage",
            "studio",
            "system",
        ),
        *("tabular", "training", "vision"),
    }
)
"""Names of the platform's own stacks, folders and modules: a declaration with one of them could not be synthesized."""
_TABULAR: Final = '''\
"""{title}: the tabular pipeline, with the recipe in {name}.toml beside this file."""

from ml_constructs.systems.tabular import {objective}
from stacks.systems.tabular import TabularSystem

SYSTEM = TabularSystem(name="{name}", objective={objective}{gate})
'''
_SCRIPTED: Final = '''\
"""{title}: versioned scripts, which a Step Functions state machine runs; the best run's model is registered."""

from ml_constructs.machines.algorithm import {algorithm}
from stacks.systems.scripted import {inference}, ScriptedSystem

SYSTEM = ScriptedSystem(name="{name}", image="{image}", algorithm={algorithm}, inference={inference})
'''
ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {"tabular": ("TABULAR", "ROWS"), "vision": ("VISION", "PICTURES")}
"""What the scripts in each image read and write, as `ml_constructs.machines.algorithm` calls it, and what its models
take and answer, as `stacks.systems.scripted` does."""
RECIPE: Final = "recipe.toml"
_SCRIPTS: Final[Mapping[str, str]] = {
    "prepare": "Prepare the data: read /opt/ml/processing/input/data, write the sets below /opt/ml/processing/output.",
    "train": "Train on the channels below /opt/ml/input/data, and leave the model in /opt/ml/model.",
    "evaluate": "Evaluate the model on the test set: write evaluation.json to /opt/ml/processing/output/evaluation.",
}
_DOES: Final[Mapping[str, str]] = {
    "tabular": "The tabular image does it with the table and the recipe.toml that the version of the data holds.",
    "vision": "The vision image does it with the pictures of the version of the data, a folder for each class.",
}

_EXPLAINS: Final = ' or main(["explain", "--output", "evaluation"])'
"""What the evaluation of a table does besides: the report shows what the model looks at."""


@dataclass(frozen=True)
class Files:
    """Files to be written, by their path; `write` makes all of them or none."""

    texts: Mapping[Path, str]

    def write(self) -> None:
        """Write the files; raise `InputError` if one is there already, or cannot be written."""
        if there := [path for path in self.texts if path.exists()]:
            raise InputError(f"{there[0]} is there already: delete it first, or give the system another name.")
        try:
            for path, text in self.texts.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        except BaseException as error:  # also when it is interrupted
            for path in self.texts:
                with suppress(OSError):
                    path.unlink()
            if isinstance(error, OSError):
                raise InputError(
                    f"{error.filename} cannot be written ({error.strerror}), so nothing was: mend that first."
                ) from None
            raise


def check_name(name: str, systems: Path) -> None:
    """Raise `InputError` for a name that no new system in the folder `systems` can have."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot name a system: use 2 to 20 of a-z and 0-9, a letter first.")
    if keyword.iskeyword(name):
        raise InputError(f"{name!r} is a word of Python, and cannot name a module: give the system another name.")
    if name in TAKEN or (systems.parent / f"{name}.py").exists():
        raise InputError(f"{name!r} is a name of the platform's own: give the system another.")
    if (systems / f"{name}.py").exists():
        raise InputError(f"There is a system {name} already: see {systems / name}.py.")


def declare_tabular(name: str, systems: Path, recipe: Recipe, *, gate: float | None) -> Files:
    """Return the declaration of a system of one table, and its recipe; raise `InputError` for a gate of no use."""
    check_name(name, systems)
    if gate is not None:
        _check_gate(gate, recipe.objective)
    text = _TABULAR.format(
        name=name,
        title=_sentence(f"{recipe.label} of {recipe.table}"),
        objective=recipe.objective.upper(),
        gate="" if gate is None else f", gate={gate!r}",
    )
    return Files({systems / f"{name}.py": text, systems / f"{name}.toml": recipe.text})


def declare_scripts(name: str, systems: Path, *, image: str, scripts: Path, recipe: Recipe | None = None) -> Files:
    """Return the declaration of a system with scripts in the folder `scripts`, and what these are at first.

    A `recipe` lies beside the scripts, and every version of the data carries it. Raise `InputError` for one that the
    scripts cannot do with as they are: the runs are compared by what two classes have.
    """
    check_name(name, systems)
    if image not in ALGORITHMS:
        raise InputError(f"There is no image {image!r} to run scripts in: use {' or '.join(sorted(ALGORITHMS))}.")
    if recipe and image != "tabular":
        raise InputError(f"The image {image} reads no table: leave out --from and --label.")
    if recipe and recipe.objective != "binary":
        raise InputError(
            f"{recipe.label} of {recipe.table} is {recipe.objective}, and runs of scripts are compared by roc_auc, of"
            " two classes: declare it with mdlc new tabular, or leave out --from and write scripts of your own."
        )
    algorithm, inference = ALGORITHMS[image]
    declared = _SCRIPTED.format(
        name=name, title=name.capitalize(), image=image, algorithm=algorithm, inference=inference
    )
    texts = {scripts / f"{script}.py": _script(script, says, image) for script, says in _SCRIPTS.items()}
    if recipe:
        texts[scripts / RECIPE] = recipe.text
    return Files({systems / f"{name}.py": declared, **texts})


def _check_gate(gate: float, objective: Objective) -> None:
    """Raise `InputError` for a gate that every model passes or none: a coefficient of determination may be negative."""
    least, range_ = (-math.inf, "less than 1") if objective == "regression" else (0.0, "at least 0 and less than 1")
    if not (math.isfinite(gate) and least <= gate < 1):
        raise InputError(
            f"{gate:g} is no gate: the {METRICS[objective]} of a model is {range_}, so give such a number."
        )


def _script(name: str, says: str, image: str) -> str:
    explains = _EXPLAINS if (name, image) == ("evaluate", "tabular") else ""
    return f'''"""{says}

{_DOES[image]} Anything else may stand here, with what the image has.
"""

import sys

from {image}.__main__ import main

sys.exit(main(["{name}", *sys.argv[1:]]){explains})
'''


def _sentence(text: str) -> str:
    """Return words that a docstring can hold."""
    plain = " ".join(re.sub(r"[^\w .,-]", " ", text, flags=re.ASCII).split())
    return plain[:1].upper() + plain[1:]
