"""Fisher's Iris as the built-in algorithms take it: headerless CSV, the label first.

iris.csv beside this file has the 150 rows that scikit-learn bundles, in their order: species (0 setosa, 1 versicolor,
2 virginica), then sepal length, sepal width, petal length and petal width in centimetres. Source: R. A. Fisher, "The
use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936); public domain.
"""

import random
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("iris.csv")
ROWS: Final = 150
SPECIES: Final = {"0": "setosa", "1": "versicolor", "2": "virginica"}
"""Names of the labels."""


def generate(folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
    """Write iris.csv: all of its rows, or a seeded sample of them; with `shuffle_labels`, no label fits its row.

    Raise `ValueError` when there are not so many rows.
    """
    if not 1 <= rows <= ROWS:
        raise ValueError(f"Iris has {ROWS} rows, so that {rows} cannot be made.")
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    chosen = [lines[number] for number in sorted(dice.sample(range(ROWS), rows))]
    if shuffle_labels:
        labels = [line.partition(",")[0] for line in chosen]
        dice.shuffle(labels)
        chosen = [f"{label},{line.partition(',')[2]}" for label, line in zip(labels, chosen, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SOURCE.name).write_text("\n".join(chosen) + "\n", encoding="utf-8")
