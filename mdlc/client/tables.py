"""Checks tables against their recipe before anything is published, deployed or run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mdlc.client.versions import DataVersion
from mdlc.errors import InputError
from mdlc.systems import System

SHOWN: Final = 3
"""Problems that the error itself repeats; all are told before."""


def check(system: System, version: DataVersion, tell: Callable[[str], None]) -> None:
    """Check the tables of a version against the system's recipe; one that has none takes any file.

    Each row that does not fit is told, up to a hundred, with the name of the file that was given. Raise `InputError` if
    there is one, or if the recipe is none.
    """
    from contract.errors import InputError as ContainerError  # noqa: PLC0415 - for the commands that check alone
    from tabular.raw_tables import MOST_PROBLEMS, check_rows  # noqa: PLC0415
    from tabular.recipe_file import read_recipe  # noqa: PLC0415
    from tabular.recipes import RECIPES  # noqa: PLC0415

    try:
        built_in = None if system.scripts else RECIPES.get(system.name)
        recipe = read_recipe(system.recipe) if system.recipe else built_in
    except ContainerError as error:
        raise InputError(f"{system.recipe}: {error}.") from None
    if recipe is None:
        return
    problems = check_rows(recipe, {file.name: file.path for file in version.files if file.name in recipe.tables})
    if not problems:
        return
    given = {file.name: file.path.name for file in version.files}
    problems = [replace(problem, file=given[problem.file]) for problem in problems]
    for problem in problems:
        tell(f"{problem}.")
    count = f"{MOST_PROBLEMS} or more" if len(problems) >= MOST_PROBLEMS else str(len(problems))
    first = "; ".join(str(problem) for problem in problems[:SHOWN])
    raise InputError(f"Nothing was published: {count} of its rows and files do not fit {system.name}. {first}.")
