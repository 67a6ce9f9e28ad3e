"""One picture of a tank: 320 by 240 pixels, RGB, with fish of two kinds and the box around each.

A bream is high and plain, a pike is long and barred. Colours, sizes, places and directions are drawn by chance.
"""

from random import Random
from typing import Final

from PIL import Image, ImageDraw

from labels.consolidation.boxes import Box, overlap
from labels.consolidation.marks import Mark

WIDTH, HEIGHT = 320, 240
KINDS: Final = ("bream", "pike")
MOST: Final = 4
_HEIGHTS: Final = {"bream": 0.62, "pike": 0.3}
"""How high a fish is, as a share of its length."""
_LENGTHS: Final = (60, 110)
_COVERED: Final = 0.1
"""How much of their boxes two fish may have in common."""
_TRIES: Final = 200


def picture(random: Random) -> tuple[Image.Image, list[Mark[Box]]]:
    """Draw one picture; return it with kind and box of each fish."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _colour(random, (70, 120, 150)))
    draw = ImageDraw.Draw(image)
    for _ in range(60):  # what floats in the water
        x, y = random.randrange(WIDTH), random.randrange(HEIGHT)
        draw.ellipse((x, y, x + 2, y + 2), fill=_colour(random, (90, 140, 165)))
    found: list[Mark[Box]] = []
    wanted = random.randint(1, MOST)
    for _ in range(_TRIES):
        if len(found) == wanted:
            break
        mark = _place(random)
        if all(overlap(mark.shape, other.shape) <= _COVERED for other in found):
            _draw(draw, mark, random)
            found.append(mark)
    return image, found


def _place(random: Random) -> Mark[Box]:
    kind = random.choice(KINDS)
    width = random.randint(*_LENGTHS)
    height = round(width * _HEIGHTS[kind] * random.uniform(0.9, 1.1))
    return Mark(kind, Box(random.randint(0, WIDTH - width), random.randint(0, HEIGHT - height), width, height))


def _draw(draw: ImageDraw.ImageDraw, mark: Mark[Box], random: Random) -> None:
    """Draw a fish that touches all four sides of its box, its tail at one of the ends."""
    left, top, width, height = mark.shape
    right, bottom, middle = left + width - 1, top + height - 1, top + height / 2
    skin = _colour(random, (205, 175, 110) if mark.label == "bream" else (120, 150, 95))
    facing_left = random.choice((True, False))
    tail = width * 0.25
    body = (left, top, right - tail, bottom) if facing_left else (left + tail, top, right, bottom)
    end, root = (right, right - tail * 1.4) if facing_left else (left, left + tail * 1.4)
    draw.polygon([(root, middle), (end, top + height * 0.15), (end, bottom - height * 0.15)], fill=skin)
    draw.ellipse(body, fill=skin)
    if mark.label == "pike":
        for share in (0.3, 0.45, 0.6):
            x = body[0] + (body[2] - body[0]) * share
            draw.line((x, top + height * 0.2, x, bottom - height * 0.2), fill=(60, 80, 45), width=3)
    eye = body[0] + width * 0.1 if facing_left else body[2] - width * 0.1
    draw.ellipse((eye - 2, middle - height * 0.12 - 2, eye + 2, middle - height * 0.12 + 2), fill=(20, 20, 20))


def _colour(random: Random, around: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, round(random.gauss(value, 12)))) for value in around)
    return red, green, blue
