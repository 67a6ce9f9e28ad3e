"""A seeded generator of what people can label, and of what they should say about it.

`fish.manifest` names pictures beside it, `moods.manifest` has sentences; both are augmented manifests, with the right
label of each object in Ground Truth's form.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

FISH, MOODS = "fish.manifest", "moods.manifest"
FILES: Final = (FISH, MOODS)
BOXES, MOOD = "known-boxes", "known-mood"
"""The attributes that hold the right labels."""
FEELINGS: Final[Mapping[str, Sequence[str]]] = {
    "happy": ("a joy", "splendid", "better than hoped for", "worth every minute"),
    "sad": ("a let-down", "dreary", "worse than feared", "a waste of an evening"),
}
_THINGS: Final = (
    "The tank",
    "The new filter",
    "Feeding hour",
    "The guided tour",
    "The aquarium",
    "The tickets",
    "The shop",
)
_WAYS: Final = ("was", "really was", "was, all in all,", "turned out to be")
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def generate(folder: Path, *, seed: int, pictures: int, sentences: int) -> None:
    """Write both manifests, and the pictures, to `folder`, which is made; equal arguments give equal files."""
    from mdlc.systems.labels.picture import HEIGHT, KINDS, WIDTH, picture  # noqa: PLC0415 - Pillow, slow to import

    random = Random(seed)  # noqa: S311 - reproducible data, no secret
    numbers = {kind: number for number, kind in enumerate(KINDS)}
    lines = []
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for number in range(pictures):
        image, fish = picture(random)
        name = f"pictures/{number:04d}.png"
        image.save(folder / name)
        boxes = [{"class_id": numbers[each.label], **each.shape._asdict()} for each in fish]
        size = {"width": WIDTH, "height": HEIGHT, "depth": 3}
        names = {str(number): kind for kind, number in numbers.items()}
        metadata = {"objects": [{"confidence": 1} for _ in fish], "class-map": names, **_metadata("object-detection")}
        lines.append(
            {"source-ref": name, BOXES: {"image_size": [size], "annotations": boxes}, f"{BOXES}-metadata": metadata}
        )
    _write(folder / FISH, lines)
    _write(folder / MOODS, [_sentence(random, number) for number in range(sentences)])


def _sentence(random: Random, number: int) -> Mapping[str, Any]:
    classes = list(FEELINGS)
    mood = random.choice(classes)
    said = f"{random.choice(_THINGS)} {random.choice(_WAYS)} {random.choice(FEELINGS[mood])} (visit {number + 1})."
    metadata = {"class-name": mood, "confidence": 1, **_metadata("text-classification")}
    return {"source": said, MOOD: classes.index(mood), f"{MOOD}-metadata": metadata}


def _metadata(kind: str) -> Mapping[str, str]:
    return {
        "type": f"groundtruth/{kind}",
        "human-annotated": "yes",
        "creation-date": _MADE.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "job-name": "labeling-job/generated",
    }


def _write(file: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
