"""A seeded generator of pictures: coats with spots and coats with stripes, as many of each."""

from pathlib import Path
from random import Random
from typing import Final

CLASSES: Final = ("spots", "stripes")
MINIMUM_ROWS: Final = 20


def generate(folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
    """Write `rows` pictures, half of each class, to `folder`, which is made; equal arguments give equal pictures.

    They are named <class>/<number>.png. Raise `ValueError` below `MINIMUM_ROWS`. With `shuffle_labels` a picture lies
    in the folder of any class: nothing can be learnt from them.
    """
    from mdlc.systems.images.picture import picture  # noqa: PLC0415 - NumPy, slow to import

    if rows < MINIMUM_ROWS:
        raise ValueError(f"{rows} pictures are too few to train and test on: ask for at least {MINIMUM_ROWS}.")
    random = Random(seed)  # noqa: S311 - reproducible data, no secret
    classes = [CLASSES[number % len(CLASSES)] for number in range(rows)]
    folders = random.sample(classes, rows) if shuffle_labels else classes
    for number, (class_, place) in enumerate(zip(classes, folders, strict=True)):
        target = folder / place / f"{number:04d}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        picture(class_, random).save(target)
