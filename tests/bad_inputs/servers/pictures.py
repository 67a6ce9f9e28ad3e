"""Pictures that are odd, damaged or larger than they look; a chunk of PNG is written by hand where no library would."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = (5000, 5000)
"""As many pixels as the image takes: PIXEL_LIMIT in containers/vision/pictures.py."""


def chunk(kind: bytes, body: bytes, *, wrong: bool = False) -> bytes:
    checksum = zlib.crc32(kind + body) ^ wrong
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png(width: int, height: int, *more: bytes, depth: int = 8, colour: int = 0, pixels: bytes | None = None) -> bytes:
    """Return a PNG of black pixels, with chunks before them; grey unless ``colour`` says otherwise."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width % 2**32, height % 2**32, depth, colour, 0, 0, 0))
    return (
        SIGNATURE
        + header
        + b"".join(more)
        + chunk(b"IDAT", _zeros(height * (width + 1)) if pixels is None else pixels)
        + chunk(b"IEND", b"")
    )


def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(
        [*(packer.compress(bytes(min(1 << 20, size - at))) for at in range(0, size, 1 << 20)), packer.flush()]
    )


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    values = np.random.default_rng(7).integers(0, 255, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(values).convert(mode)


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def _jpeg_bomb() -> bytes:
    content = saved(noise(), "JPEG")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", 60000, 60000) + content[at + 4 :]


def _bmp_bomb() -> bytes:
    content = saved(noise(), "BMP")
    return content[:18] + struct.pack("<ii", 60000, 60000) + content[26:]


MAKERS: dict[str, Callable[[], bytes]] = {
    "png": lambda: saved(noise(), "PNG"),
    "jpeg": lambda: saved(noise(), "JPEG"),
    "wrong-checksum": lambda: SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0), wrong=True),
    "no-pixels": lambda: png(8, 8, pixels=b""),
    "no-width": lambda: png(0, 8),
    "negative-width": lambda: png(-8, 8, pixels=b""),
    "bomb": lambda: png(30000, 30000),
    "bomb-line": lambda: png(24_000_000, 1),
    "bomb-text": lambda: png(8, 8, *(chunk(b"zTXt", b"a\0\0" + _zeros(50_000_000)) for _ in range(20))),
    "bomb-profile": lambda: png(8, 8, chunk(b"iCCP", b"a\0\0" + _zeros(500_000_000))),
    "many-chunks": lambda: png(8, 8, chunk(b"tEXt", b"a\0b") * 100_000),
    "one-pixel": lambda: png(1, 1),
    "narrow": lambda: png(1, 2000),
    "grey-16": lambda: saved(Image.fromarray(np.full((16, 16), 32768, np.uint16)), "PNG"),
    "one-bit": lambda: saved(noise("1"), "PNG"),
    "palette-alpha": lambda: saved(noise("P"), "PNG", transparency=0),
    "animated-png": lambda: saved(noise(), "PNG", save_all=True, append_images=[noise("RGB", (64, 48))]),
    "cmyk": lambda: saved(noise("CMYK"), "JPEG"),
    "jpeg-bomb": _jpeg_bomb,
    "broken-exif": lambda: saved(noise(), "JPEG", exif=b"Exif\0\0" + b"\xff" * 200),
    "exif-99": lambda: saved(noise(), "JPEG", exif=_exif(99)),
    "gif": lambda: saved(noise("P"), "GIF", save_all=True, append_images=[noise("P")]),
    "bmp-bomb": _bmp_bomb,
    "tiff": lambda: saved(noise(), "TIFF"),
    "webp": lambda: saved(noise(), "WEBP"),
    "ico": lambda: saved(noise(), "ICO"),
    "largest": lambda: png(*LARGEST),
}


@cache
def picture(name: str) -> bytes:
    """Return the bytes of a picture by its name in the tables."""
    return MAKERS[name]()
