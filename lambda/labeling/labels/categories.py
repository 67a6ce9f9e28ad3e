"""The label category file of a job: the classes that people choose from, in the order of their numbers.

Source: API reference, CreateLabelingJob, LabelCategoryConfigS3Uri.
"""

import json
from collections.abc import Sequence
from typing import Final

LEAST: Final = {"class": 2, "classes": 2}
"""How many classes a kind of answer needs, where one is not enough."""


class CategoriesError(ValueError):
    """A label category file that is none; one sentence."""


def read(text: str, kind: str = "") -> Sequence[str]:
    """Return the names of the classes; `kind` of answers as in `labels.answers`. Raises CategoriesError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CategoriesError(f"The label category file is no JSON: {error}.") from error
    match value:
        case {"labels": [*labels]} if labels and all(isinstance(each, dict) for each in labels):
            names = [each.get("label") for each in labels]
        case _:
            raise CategoriesError('The label category file has no "labels": write [{"label": "dog"}, …] there.')
    found: list[str] = []
    for number, name in enumerate(names, 1):
        if not isinstance(name, str) or not name:
            raise CategoriesError(f'Label {number} of the label category file has no "label" that is a text.')
        if name in found:
            raise CategoriesError(f"The label category file has {name} twice: every label must be another.")
        found.append(name)
    least = LEAST.get(kind, 1)
    if len(found) < least:
        raise CategoriesError(f"The label category file has {len(found)} label: a {kind} needs {least} to choose from.")
    return found
