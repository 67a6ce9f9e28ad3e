"""Pictures: what can be read, what is refused, and how they are changed by chance."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contract.errors import InputError
from vision.augmentation import FILL, Augmentation
from vision.pictures import (
    PictureError,
    TooManyPixelsError,
    decode,
    middle,
    normalize,
    read_folder,
    require_classes,
    square,
)

if TYPE_CHECKING:
    from pathlib import Path

STILL = Augmentation(flip=0, degrees=0, translate=0, scale=(1, 1))


def encoded(image: Image.Image, format_: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_)
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes whose header promises so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16"])
def test_every_kind_of_png_becomes_rgb(mode: str) -> None:
    assert decode(encoded(Image.new(mode, (7, 5)))).mode == "RGB"


def test_grey_of_16_bits_keeps_its_shades() -> None:
    """Source: PNG third edition, 13.12, sample depth rescaling: 32768 of 65535 is 128 of 255."""
    half = decode(encoded(Image.fromarray(np.full((4, 4), 32768, np.uint16))))
    assert abs(int(np.asarray(half).max()) - 128) <= 1
    ramp = decode(encoded(Image.fromarray(np.linspace(0, 65535, 1024).astype(np.uint16)[None])))
    assert len(np.unique(np.asarray(ramp))) == 256
    assert np.asarray(decode(encoded(Image.fromarray(np.full((4, 4), 200, np.uint16))))).max() <= 1


def test_a_picture_is_turned_upright() -> None:
    image, buffer = Image.new("RGB", (8, 4)), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees
    image.save(buffer, "JPEG", exif=exif)
    assert decode(buffer.getvalue()).size == (4, 8)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"no picture", "is no PNG or JPEG picture"),
        (encoded(Image.new("RGB", (9, 9)), "GIF"), "is no PNG or JPEG picture"),
        (encoded(Image.effect_noise((64, 64), 50))[:200], "is a damaged PNG picture"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence):
        decode(content)


@pytest.mark.parametrize(("width", "height"), [(6000, 5000), (200_000, 200_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(TooManyPixelsError, match="more than the 25000000"):
        decode(bomb(width, height))


@given(st.binary(max_size=300), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_picture_or_a_picture_error(noise: bytes, at: int) -> None:
    whole = encoded(Image.new("RGB", (16, 16), (9, 99, 199)), "JPEG")
    with contextlib.suppress(PictureError):
        decode(whole[:at] + noise + whole[at + len(noise) :])


def test_the_middle_has_the_size_asked_for_whatever_the_shape() -> None:
    for shape in ((300, 200), (1, 500), (500, 1), (20, 20)):
        assert middle(Image.new("RGB", shape), 72).size == (72, 72)


def test_normalized_values_are_around_zero_by_imagenet_s_figures() -> None:
    values = normalize(Image.new("RGB", (2, 3), (0, 0, 255)))
    assert (values.shape, str(values.dtype)) == ((3, 2, 3), "float32")
    # by hand: (0 - 0.485) / 0.229, (0 - 0.456) / 0.224, (1 - 0.406) / 0.225
    np.testing.assert_allclose(values[0, 0], [-2.1179, -2.0357, 2.6400], atol=1e-4)


def test_without_any_change_it_is_a_crop_of_the_square() -> None:
    image = Image.effect_noise((96, 96), 80).convert("RGB")
    squared = np.asarray(square(image, 84), np.int64)
    found = np.asarray(STILL.apply(image, 84, np.random.default_rng(3)), np.int64)
    crop = STILL.matrix(96, 84, np.random.default_rng(3))[:2, 2]
    left, top = (round(float(place)) for place in crop)
    # the crop begins between pixels: it is near the one that begins at the next whole pixel, and nowhere else
    assert np.abs(found - squared[top : top + 84, left : left + 84]).mean() < 40
    assert found.shape == (84, 84, 3)


def test_flips_mirror_the_picture() -> None:
    image = Image.new("RGB", (80, 80), (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 40, 40))  # the upper left quarter is black
    flipped = Augmentation(flip=1, degrees=0, translate=0, scale=(1, 1))
    pixels = np.asarray(flipped.apply(image, 70, np.random.default_rng(0)))[..., 0]
    assert pixels[60, 60] < 20  # now it is the lower right one
    assert pixels[10, 10] > 235


def test_a_smaller_picture_is_surrounded_by_the_fill() -> None:
    half = Augmentation(flip=0, degrees=0, translate=0, scale=(0.5, 0.5))
    pixels = np.asarray(half.apply(Image.new("RGB", (80, 80), (255, 0, 0)), 70, np.random.default_rng(0)))
    assert tuple(pixels[35, 35]) == (255, 0, 0)
    assert tuple(pixels[0, 0]) == FILL
    assert 0.2 < (pixels[..., 0] == 255).mean() < 0.45  # half the side, of a square somewhat larger than the crop


def test_draws_stay_within_their_bounds() -> None:
    augmentation, generator = Augmentation(), np.random.default_rng(0)
    for _ in range(300):
        matrix = augmentation.matrix(80, 70, generator)
        factor = 1 / np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
        assert 0.5 <= factor <= 1.5
        angle = np.degrees(np.arctan2(abs(matrix[0, 1]), abs(matrix[0, 0])))
        assert angle <= 10
        centre = matrix @ [35, 35, 1]  # of the new picture, in the old one: crop and shift move it
        assert (np.abs(centre[:2] - 40) <= 5 + 7 / factor * np.sqrt(2)).all()


def test_chance_follows_from_the_generator_alone() -> None:
    image = Image.effect_noise((96, 96), 80).convert("RGB")
    first, again, other = (Augmentation().apply(image, 72, np.random.default_rng([1, n])) for n in (5, 5, 6))
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_folders_are_classes_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("zebra/b.PNG", "zebra/a.jpg", "ape/c.jpeg", "ape/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = read_folder(tmp_path, "channel train")
    assert found.classes == ("ape", "zebra")
    assert [path.name for path in found.paths] == ["c.jpeg", "a.jpg", "b.PNG"]
    assert found.labels.tolist() == [0, 1, 1]


def test_folders_that_cannot_be_learnt_from_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="channel train is empty: it takes pictures in a folder per class"):
        read_folder(tmp_path / "nowhere", "channel train")
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match="channel train has no class folders"):
        read_folder(tmp_path, "channel train")
    (tmp_path / "cat").mkdir()
    with pytest.raises(InputError, match="has no picture of the class cat"):
        read_folder(tmp_path, "channel train")
    (tmp_path / "cat/a.png").write_bytes(b"")
    with pytest.raises(InputError, match="has the class cat only: a classifier needs two at least"):
        require_classes(read_folder(tmp_path, "channel train"))
