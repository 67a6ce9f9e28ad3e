"""Somebody who labels in Chromium: one page, shown one template after another, by mouse, by finger or by keys alone."""

import queue
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Locator, Page, sync_playwright

from mdlc.templates.server import TemplateServer, serving
from mdlc.templates.template import Template
from tests.chromium import installed

ROOM = {"width": 900, "height": 1000}
"""As much as a picture of SIZE needs at its true size."""
SIZE = (800, 533)
"""Of the picture that is labeled; that of AWS's first example."""
LOADER = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
Point = tuple[float, float]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    path = installed()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Worker:
    """A page with the portal's frame in it."""

    def __init__(self, page: Page, server: TemplateServer, answers: "queue.Queue[Any]") -> None:
        self.page, self.server, self.answers = page, server, answers
        self.shown = page.goto(server.address) is not None

    def show(self, body: str, data: Any = None, media: dict[str, Path] | None = None) -> Frame:
        """Show a template; return its frame when its elements and pictures are there."""
        template = Template("tried", f"{LOADER}{body}", data or {}, media or {})
        self.server.templates, self.server.media = [template], dict(media or {})
        while not self.answers.empty():  # of the task before
            self.answers.get()
        self.page.click("#again")
        self.page.wait_for_selector("main[data-ready] iframe")
        return self.frame

    @property
    def frame(self) -> Frame:
        element = self.page.query_selector("iframe")
        frame = element.content_frame() if element else None
        assert frame
        return frame

    def find(self, selector: str) -> Locator:
        """What a selector finds in the frame, in shadow trees too."""
        return self.page.frame_locator("iframe").locator(selector)

    def answer(self) -> Any:
        """What was submitted, within the seconds that it may take."""
        return self.answers.get(timeout=10)

    @property
    def notes(self) -> list[str]:
        return self.page.locator("#notes li").all_inner_texts()

    def at(self, point: Point) -> Point:
        """Where a point of the picture is on the screen."""
        box = self.find(".stage .front").bounding_box()
        size = self.frame.evaluate(
            "(() => { const {drawing} = document.querySelector('[data-tool]');"
            " return [drawing.width, drawing.height] })()"
        )
        assert box
        return box["x"] + point[0] * box["width"] / size[0], box["y"] + point[1] * box["height"] / size[1]

    def letter(self, offset: int) -> Point:
        """Where the left edge of a letter of the passage is on the screen."""
        frame = self.page.locator("iframe").bounding_box()
        x, y = self.frame.evaluate(
            """offset => {
                const { passage } = document.querySelector('[data-tool]')
                const walk = document.createTreeWalker(passage.view, 4)
                let left = [...passage.text].slice(0, offset).join('').length
                while (walk.nextNode() && left > walk.currentNode.length - 1) left -= walk.currentNode.length
                const range = document.createRange()
                range.setStart(walk.currentNode, left)
                range.setEnd(walk.currentNode, left + 1)
                const box = range.getBoundingClientRect()
                return [box.left + 0.5, (box.top + box.bottom) / 2]
            }""",
            offset,
        )
        assert frame

        return frame["x"] + x, frame["y"] + y


class Hand(ABC):
    """A way to work: what people do is the same, how they do it is not."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    @abstractmethod
    def press(self, selector: str) -> None:
        """Choose a button or a switch."""

    @abstractmethod
    def choose(self, number: int) -> None:
        """Choose a label or category by its place, from 1."""

    @abstractmethod
    def leave(self) -> None:
        """Let go of the shape that is selected, so that a label is that of the next."""

    @abstractmethod
    def shape(self, points: Sequence[Point], kind: str) -> None:
        """Draw a shape."""

    @abstractmethod
    def slide(self, selector: str, step: int, steps: int) -> None:
        """Move a slider to one of its steps."""

    @abstractmethod
    def span(self, first: int, last: int, label: int) -> None:
        """Give a part of a text a label."""

    @abstractmethod
    def submit(self) -> None:
        """Submit."""


class Pointer(Hand):
    """What mouse and finger have in common."""

    def click(self, at: Point) -> None:
        self.drag(at, at)

    @abstractmethod
    def drag(self, first: Point, last: Point) -> None:
        """Go down at one place and up at another."""

    def press(self, selector: str) -> None:
        self.worker.find(selector).scroll_into_view_if_needed()
        box = self.worker.find(selector).bounding_box()
        assert box
        self.click((box["x"] + min(box["width"] / 2, 12), box["y"] + box["height"] / 2))

    def choose(self, number: int) -> None:
        self.press(f".category-picker-wrapper > .category:nth-child({number})")

    def leave(self) -> None:
        self.press("[data-does=cancel]")

    def shape(self, points: Sequence[Point], kind: str) -> None:
        at = [self.worker.at(point) for point in points]
        if kind in {"bounding-box", "line"}:
            self.drag(at[0], at[1])
            return
        for each in at:
            self.click(each)
        if kind == "polygon":
            self.click(at[0])
        if kind == "polyline":
            self.press("[data-does=finish]")

    def slide(self, selector: str, step: int, steps: int) -> None:
        box = self.worker.find(selector).bounding_box()
        assert box
        thumb = 16
        y, left = box["y"] + box["height"] / 2, box["x"] + thumb / 2
        self.drag((left, y), (left + (box["width"] - thumb) * step / steps, y))

    def span(self, first: int, last: int, label: int) -> None:
        self.drag(self.worker.letter(first), self.worker.letter(last))
        self.choose(label)

    def submit(self) -> None:
        self.press("button.primary")


class Mouse(Pointer):
    def drag(self, first: Point, last: Point) -> None:
        mouse = self.worker.page.mouse
        mouse.move(*first)
        mouse.down()
        mouse.move(*last)
        mouse.up()


class Finger(Pointer):
    """Touches, as the screen of a tablet reports them."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self.session = worker.page.context.new_cdp_session(worker.page)

    def drag(self, first: Point, last: Point) -> None:
        """Go slowly to the end: a finger that is still fast when it leaves the screen has thrown, not dragged."""
        now = time.time() - 1
        self._touch("touchStart", now, [first])
        if first != last:
            for part in (0.1, 0.5, 1, 1):
                now += 0.2
                self._touch("touchMove", now, [tuple(a + (b - a) * part for a, b in zip(first, last, strict=True))])
        self._touch("touchEnd", now + 0.05, [])

    def _touch(self, kind: str, when: float, at: Sequence[Sequence[float]]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, "timestamp": when})


class Keys(Hand):
    """The keyboard alone: what has the focus is found by Tab."""

    def key(self, *names: str) -> None:
        for name in names:
            self.worker.page.keyboard.press(name)

    def focus(self, selector: str) -> None:
        for _ in range(60):
            if self.worker.find(selector).evaluate("(element) => element.getRootNode().activeElement === element"):
                return
            self.key("Tab")
        raise AssertionError(f"Tab never comes to {selector}")

    def press(self, selector: str) -> None:
        self.focus(selector)
        self.key("Space")

    def choose(self, number: int) -> None:
        self.key(str(number))

    def leave(self) -> None:
        self.focus(".stage")
        self.key("Escape")

    def shape(self, points: Sequence[Point], kind: str) -> None:
        self.focus(".stage")
        for point in points:
            x, y = self.worker.frame.evaluate("document.querySelector('[data-tool]').cursor")
            self.move(int(point[0] - x), int(point[1] - y))
            self.key("Space")
        if kind in {"polygon", "polyline"}:
            self.key("Enter")

    def move(self, right: int, down: int) -> None:
        """Go by arrows: alone one pixel, with Shift ten, with Control a hundred."""
        for by, ways in ((right, ("ArrowLeft", "ArrowRight")), (down, ("ArrowUp", "ArrowDown"))):
            way = ways[by > 0]
            hundreds, rest = divmod(abs(by), 100)
            tens, ones = divmod(rest, 10)
            self.key(*[f"Control+{way}"] * hundreds, *[f"Shift+{way}"] * tens, *[way] * ones)

    def slide(self, selector: str, step: int, steps: int) -> None:
        del steps
        self.focus(selector)
        self.key("Home", *["ArrowRight"] * step)

    def span(self, first: int, last: int, label: int) -> None:
        self.focus(".passage")
        at = self.worker.frame.evaluate("document.querySelector('[data-tool]').passage.focus")
        self.key(*["ArrowRight" if first > at else "ArrowLeft"] * abs(first - at))
        self.key(*["Shift+ArrowRight"] * (last - first), str(label))

    def submit(self) -> None:
        self.key("Control+Enter")


@contextmanager
def working(browser: Browser, **settings: Any) -> Iterator[Worker]:
    """Somebody before a page, who is shown templates."""
    answers: queue.Queue[Any] = queue.Queue()

    def hear(_: str, result: Any) -> None:
        answers.put(result["answer"])

    nothing = Template("nothing", f"{LOADER}<crowd-form></crowd-form>", {})
    with serving(TemplateServer("try/preview.html", [nothing], hear)) as server:
        context = browser.new_context(**{"viewport": ROOM, **settings})
        context.set_default_timeout(10_000)
        page = context.new_page()
        yield Worker(page, server, answers)
        context.close()
