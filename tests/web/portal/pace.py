"""`python -m tests.web.portal.pace`: milliseconds from Enter to the next task, and requests a task."""

import tempfile
from pathlib import Path
from statistics import median

from localcloud.lifecycle import LocalCloud
from ml_constructs.labeling.site import copy_page
from tests.lambda_.labeling.portal.house import built
from tests.web.labeling.worker import chromium
from tests.web.portal.person import ahead, newcomer, question

TASKS = 21
SEEN = """() => {
    window.took = 0
    addEventListener('message', ({ data }) => { if (typeof data === 'number') window.pressed = data })
    new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(() => {
      window.took = performance.timeOrigin + performance.now() - window.pressed
    }))).observe(document.getElementById('place'), { subtree: true, attributeFilter: ['class'] })
}"""
PRESSED = """() => addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') parent.postMessage(performance.timeOrigin + performance.now(), '*')
}, { capture: true })"""


def main() -> None:
    """Work through tasks by keys, and print how long each change took."""
    folder = Path(tempfile.mkdtemp())
    copy_page(folder / "site")
    cloud = LocalCloud(folder / "cloud")
    cloud.up()
    took: list[float] = []
    try:
        with built(cloud.running(), folder / "site") as house, house.opened() as address, chromium() as browser:
            page = newcomer(house, address, tasks=TASKS).at_work(browser.new_context())
            question(page)
            page.evaluate(SEEN)
            begun = len(house.calls)
            for _ in range(TASKS - 1):
                ahead(page)
                page.wait_for_timeout(300)  # nobody decides faster
                shown = page.query_selector("main > div:not(.ahead) iframe")
                frame = shown.content_frame() if shown else None
                assert frame
                frame.evaluate(PRESSED)
                page.keyboard.press("1")
                page.evaluate("window.took = 0")
                page.keyboard.press("Enter")
                while not (seen := page.evaluate("window.took")):
                    page.wait_for_timeout(20)
                took.append(seen)
            calls = [path for _, path, _ in house.calls[begun:]]
    finally:
        cloud.down()
    files = sum(path.endswith((".js", ".html")) for path in calls)
    print(f"{len(took)} tasks: median {median(took):.0f} ms, slowest {max(took):.0f} ms")  # noqa: T201 - what it is for
    print(f"requests a task: {files / len(took):.1f} files, {(len(calls) - files) / len(took):.1f} others")  # noqa: T201


if __name__ == "__main__":
    main()
