"""Pictures: bytes to pixels, folders of classes, and what the network sees of a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from contract.errors import InputError
from contract.files import data_files, is_data

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


def decode(content: bytes, formats: tuple[str, ...] = FORMATS, pixels: int = PIXEL_LIMIT) -> Image.Image:
    """Return the picture, upright and in RGB; raise `PictureError` for what is none.

    What is transparent shows the colour beneath, as in torchvision. The number of pixels is looked at before any of
    them is decoded: there may be ``pixels`` of them.
    """
    if not content:
        raise PictureError("is empty")
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
    except Image.DecompressionBombError:
        raise TooManyPixelsError(f"has more than the {PIXEL_LIMIT} pixels that are taken") from None
    except Exception:  # noqa: BLE001 - foreign bytes can make a decoder raise anything
        raise PictureError(f"is no {' or '.join(formats)} picture") from None
    if image.width * image.height > pixels:
        before = "," if pixels == PIXEL_LIMIT else ", with those before it"
        raise TooManyPixelsError(
            f"has {image.width} by {image.height} pixels{before} more than the {PIXEL_LIMIT} that are taken"
        )
    try:
        return _eight_bits(ImageOps.exif_transpose(image)).convert("RGB")
    except Exception as error:  # noqa: BLE001 - as above
        raise PictureError(f"is a damaged {image.format} picture ({str(error)[:100]})") from None


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits with the upper 8: Pillow would make all above 255 white."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.clip(np.asarray(image), 0, 0xFFFF) >> 8).astype(np.uint8))


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
    found_here = folder.iterdir() if folder.is_dir() else ()
    entries = sorted(entry for entry in found_here if entry.name not in ignored and is_data(entry, folder))
    if not entries:
        raise InputError(f"{name} is empty: it takes pictures in a folder per class")
    classes = [entry for entry in entries if entry.is_dir()]
    if not classes:
        raise InputError(f"{name} has no class folders: put each picture into a folder named like its class")
    paths: list[Path] = []
    labels: list[int] = []
    for label, entry in enumerate(classes):
        found = [path for path in data_files(entry) if path.suffix.lower() in SUFFIXES]
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
