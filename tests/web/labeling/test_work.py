"""Work goes on: fast with many shapes, from a draft, and for people who do not see the screen."""

from typing import Any

import pytest

from mdlc.templates.server import PROJECT
from tests.web.labeling.test_answers import DATA, DRAW
from tests.web.labeling.worker import LOADER, Mouse, Worker

pytestmark = pytest.mark.slow

MANY = 1000
SMOOTH = 30
"""Frames a second."""
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
BOXES = """[{% for n in (1..1000) %}{label: 'Cat', left: {{ n | modulo: 40 | times: 19 }},
    top: {{ n | divided_by: 40 | times: 20 }}, width: 15, height: 15},{% endfor %}]"""


def test_a_thousand_boxes_are_dragged_smoothly(worker: Worker) -> None:
    frame = worker.show(DRAW.format(kind="bounding-box", more=f'initial-value="{BOXES}"'), DATA)
    assert frame.evaluate("document.querySelector('[data-tool]').drawing.shapes.length") == MANY
    mouse = Mouse(worker)
    frame.evaluate("document.querySelector('[data-tool]').does('next')")
    x, y = worker.at((19 + 7, 7))
    worker.page.mouse.move(x, y)
    worker.page.mouse.down()
    spent = frame.evaluate(
        """async ([x, y]) => {
            const { layer } = document.querySelector('[data-tool]').stage
            const began = performance.now()
            for (let n = 0; n < 60; n += 1) {
              layer.dispatchEvent(new PointerEvent('pointermove', { clientX: x + n, clientY: y + n, bubbles: true }))
              await new Promise(requestAnimationFrame)
            }
            return performance.now() - began
        }""",
        [x, y],
    )
    worker.page.mouse.up()
    mouse.leave()
    assert 60 / (spent / 1000) >= SMOOTH


FORM = """<crowd-form><crowd-bounding-box name="b" labels="['Cat', 'Dog']" header="Draw"
    src="{{ task.input.taskObject | grant_read_access }}"></crowd-bounding-box><crowd-input name="w"></crowd-input>
    <crowd-checkbox name="c">C</crowd-checkbox><crowd-classifier name="k" categories="['x', 'y']" header="?">
    </crowd-classifier><input type="radio" name="r" value="1"><input type="radio" name="r" value="2"></crowd-form>"""


def test_a_draft_brings_everything_back(worker: Worker) -> None:
    draft: Any = [
        [
            [{"label": "Dog", "points": [[1, 2], [30, 40]]}],
            "word",
            {"on": True},
            {"label": "y"},
            {"1": False},
            {"2": True},
        ]
    ]
    frame = worker.show(FORM, DATA)
    answer = """async draft => {
        const form = await import(new URL('elements/form.js', document.querySelector('script[src]').src).href)
        form.restore(draft)
        return [document.querySelector('crowd-form').value, form.draft()]
    }"""
    value, again = frame.evaluate(answer, draft)
    assert value == {
        "b": {
            "boundingBoxes": [{"height": 38, "label": "Dog", "left": 1, "top": 2, "width": 29}],
            "inputImageProperties": {"height": 533, "width": 800},
        },
        "c": {"on": True},
        "k": {"label": "y"},
        "r": {"1": False, "2": True},
        "w": "word",
    }
    assert again == draft


EVERYTHING = (
    FORM.replace("<crowd-form>", "").replace('<input type="radio"', '<input aria-label="r" type="radio"'),
    """<crowd-form><crowd-slider name="s" min="1" max="5"></crowd-slider>
    <crowd-text-area name="t" label="T"></crowd-text-area>
    <crowd-radio-group><crowd-radio-button name="a" value="a">A</crowd-radio-button></crowd-radio-group>
    <crowd-toggle-button name="g">G</crowd-toggle-button><crowd-tabs><crowd-tab header="One">1</crowd-tab>
    <crowd-tab header="Two">2</crowd-tab></crowd-tabs><crowd-card heading="C">c</crowd-card><crowd-alert type="error">
    e</crowd-alert><crowd-modal>m</crowd-modal><crowd-instructions><short-instructions>s</short-instructions>
    </crowd-instructions><crowd-text-ranking name="x" text="T" responses='["a", "b"]'
    ordinal-ranking-dimensions='[{name: "Clarity"}]'></crowd-text-ranking><crowd-question-answer-generation name="q"
    text="T" question-tags='["What"]' allow-custom-question-tags="true"></crowd-question-answer-generation>
    </crowd-form>""",
    """<crowd-entity-annotation name="e" text="Ada met Grace." header="Who?" labels="['person']"
    initial-value="[{label: 'person', startOffset: 0, endOffset: 3}]"></crowd-entity-annotation>""",
)


@pytest.mark.parametrize("at", range(len(EVERYTHING)), ids=["shapes", "forms", "text"])
def test_axe_finds_nothing_serious(at: int, worker: Worker) -> None:
    frame = worker.show(f"{LOADER}{EVERYTHING[at]}", DATA)
    for each in (worker.page.main_frame, frame):
        each.evaluate(AXE.read_text())
        found = each.evaluate("() => axe.run(document, { iframes: false })")
        serious = [
            (violation["id"], [node["html"][:120] for node in violation["nodes"]])
            for violation in found["violations"]
            if violation["impact"] in {"serious", "critical"}
        ]
        assert serious == []
