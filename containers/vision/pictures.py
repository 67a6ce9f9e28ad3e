"""Pictures: bytes to pixels, folders of classes, and what the network sees of a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Pixels = npt.NDArray[np.float32]

SUFFIXES: Final = (".jpeg", ".jpg", ".png")
FORMATS: Final = ("PNG", "JPEG")
PIXEL_LIMIT: Final = 25_000_000
"""More than any camera of a telephone needs, and no more memory than 75 MB once it is decoded."""
MARGIN: Final = 256 / 224
"""Side of the square that a crop is taken from, over the side of the crop: torchvision's usual sizes."""
MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, red, green and blue: what pre-trained weights expect."""


class PictureError(ValueError):
    """Bytes that are no picture that can be read; the message goes on after the name of the picture."""


class TooManyPixelsError(PictureError):
    """A picture that would take too much memory once it is decoded."""


def decode(content: bytes, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """Return the picture, upright and in RGB; raise `PictureError` for what is none.

    The number of pixels is looked at before any of them is decoded.
    """
    if not content:
        raise PictureError("is empty")
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
    except Image.DecompressionBombError:
        raise TooManyPixelsError(f"has more than the {PIXEL_LIMIT} pixels that are taken") from None
    except Exception:  # noqa: BLE001 - foreign bytes can make a decoder raise anything
        raise PictureError(f"is no {' or '.join(formats)} picture") from None
    if image.width * image.height > PIXEL_LIMIT:
        raise TooManyPixelsError(
            f"has {image.width} by {image.height} pixels, more than the {PIXEL_LIMIT} that are taken"
        )
    try:
        return ImageOps.exif_transpose(image).convert("RGB")
    except Exception as error:  # noqa: BLE001 - as above
        raise PictureError(f"is a damaged {image.format} picture ({str(error)[:100]})") from None


def read(path: Path) -> Image.Image:
    """Read a picture; `InputError` names the file."""
    try:
        return decode(path.read_bytes())
    except PictureError as problem:
        raise InputError(f"{path.parent.name}/{path.name} {problem}") from None


@dataclass(frozen=True)
class PictureFolder:
    """Pictures in a folder per class, in the order of their names; `labels` are places in `classes`."""

    name: str
    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    labels: npt.NDArray[np.int32]


def read_folder(folder: Path, name: str, ignored: Sequence[str] = ()) -> PictureFolder:
    """List `<class>/<picture>` below a folder, as torchvision's ImageFolder does; `name` is what errors call it.

    `InputError` when there is nothing, when pictures lie outside a class, and for a class without pictures.
    """
    entries = sorted(entry for entry in folder.iterdir() if entry.name not in ignored) if folder.is_dir() else []
    if not entries:
        raise InputError(f"{name} is empty: it takes pictures in a folder per class")
    classes = [entry for entry in entries if entry.is_dir()]
    if not classes:
        raise InputError(f"{name} has no class folders: put each picture into a folder named like its class")
    paths: list[Path] = []
    labels: list[int] = []
    for label, entry in enumerate(classes):
        found = sorted(path for path in entry.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not found:
            raise InputError(f"{name} has no picture of the class {entry.name}: {', '.join(SUFFIXES)} are read")
        paths += found
        labels += [label] * len(found)
    return PictureFolder(name, tuple(entry.name for entry in classes), tuple(paths), np.array(labels, np.int32))


def require_classes(folder: PictureFolder) -> None:
    """Raise `InputError` when there is one class only."""
    if len(folder.classes) == 1:
        raise InputError(f"{folder.name} has the class {folder.classes[0]} only: a classifier needs two at least")


def square(image: Image.Image, size: int) -> Image.Image:
    """Return the middle of a picture as a square, somewhat larger than what the network sees."""
    side = round(size * MARGIN)
    return ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR)


def middle(image: Image.Image, size: int) -> Image.Image:
    """Return the middle of a picture, `size` by `size`."""
    squared = square(image, size)
    edge = (squared.width - size) // 2
    return squared.crop((edge, edge, edge + size, edge + size))


def normalize(image: Image.Image) -> Pixels:
    """Return what the network sees: height by width by 3, around 0."""
    values = np.asarray(image, dtype=np.float32) / np.float32(255)
    return np.asarray((values - np.array(MEAN)) / np.array(DEVIATION), np.float32)
