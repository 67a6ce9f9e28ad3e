"""What templates rely on and no document says: each was read from a public template of AWS's own.

Source: github.com/aws-samples/amazon-sagemaker-ground-truth-task-uis, in whose file the contract is used.
"""

from typing import Any

import pytest

from tests.web.labeling.test_answers import DATA, DRAW, IMAGE
from tests.web.labeling.worker import Keys, Mouse, Worker

pytestmark = pytest.mark.slow

ANNOTATOR = """<crowd-bounding-box id="annotator" name="b" labels="['PERSON #1']"
    src="{{ task.input.taskObject | grant_read_access }}"></crowd-bounding-box>"""


def submitted(worker: Worker, body: str, data: Any = None, button: str = "button.primary") -> Any:
    worker.show(body, data)
    Mouse(worker).press(button)
    return worker.answer()


def test_labels_are_set_by_a_script_before_and_after_there_are_elements(worker: Worker) -> None:
    """bounding-box-hierarchical, polygon's receipt-transcription."""
    frame = worker.show(
        f"""<crowd-form>{ANNOTATOR}</crowd-form><script>
        annotator.labels = ['A', 'B']
        document.addEventListener('all-crowd-elements-ready', () => {{
          annotator.labels = annotator.labels.concat(['C'])
        }})
        </script>""",
        DATA,
    )
    assert frame.evaluate("annotator.labels") == ["A", "B", "C"]
    assert worker.find(".category-picker-wrapper .category").count() == 3


def test_value_is_the_answer_at_any_time(worker: Worker) -> None:
    """keypoint-additional-answer-validation."""
    frame = worker.show(f"<crowd-form>{ANNOTATOR}</crowd-form>", DATA)
    Mouse(worker).shape([(10, 20), (60, 90)], "bounding-box")
    expected = {
        "boundingBoxes": [{"height": 70, "label": "PERSON #1", "left": 10, "top": 20, "width": 50}],
        "inputImageProperties": IMAGE,
    }
    assert frame.evaluate("annotator.value") == expected
    assert frame.evaluate("annotator._submittableValue") == expected


def test_a_validator_prevents_the_answer_until_it_is_content(worker: Worker) -> None:
    """keypoint-additional-answer-validation: onsubmit, and an alert that it writes."""
    frame = worker.show(
        """<div id="errorBox"></div><crowd-form><crowd-input name="word"></crowd-input></crowd-form><script>
        document.querySelector('crowd-form').onsubmit = event => {
          if (document.querySelector('crowd-input').value === 'right') return
          event.preventDefault()
          errorBox.innerHTML = '<crowd-alert type="error" dismissible>Write right.</crowd-alert>'
        }</script>"""
    )
    mouse = Mouse(worker)
    mouse.submit()
    worker.find("crowd-alert").wait_for()
    frame.evaluate("document.querySelector('crowd-input').value = 'right'")
    mouse.submit()
    assert worker.answer() == {"word": "right"}


def test_a_script_submits(worker: Worker) -> None:
    frame = worker.show('<crowd-form><crowd-input name="word" value="a"></crowd-input></crowd-form>')
    frame.evaluate("document.querySelector('crowd-form').submit()")
    assert worker.answer() == {"word": "a"}


def test_a_form_has_the_buttons_that_it_brings_or_else_one_of_ours(worker: Worker) -> None:
    worker.show("<crowd-form></crowd-form>")
    assert worker.find("button.primary").count() == 1
    worker.show('<crowd-form><crowd-button form-action="submit" variant="primary">Go</crowd-button></crowd-form>')
    assert worker.find("button.primary").all_inner_texts() == [""]
    assert worker.find("crowd-button").all_inner_texts() == ["Go"]
    Mouse(worker).press("crowd-button")
    assert worker.answer() == {}


def test_a_form_of_html_inside_goes_nowhere(worker: Worker) -> None:
    """content-evaluation: a form of HTML in a crowd-form, whose button is dead until a script says so."""
    frame = worker.show(
        """<crowd-form><form action=""><input name="word" value="a">
        <crowd-button id="go" form-action="submit" disabled="true">Submit</crowd-button></form></crowd-form>"""
    )
    Mouse(worker).press("#go")
    frame.evaluate("go.disabled = false")
    Mouse(worker).press("#go")
    assert worker.answer() == {"word": "a"}


def test_a_change_says_which_category(worker: Worker) -> None:
    """dynamic-two-tier-text-classification, with the class names of AWS's shadow tree."""
    frame = worker.show(
        """<crowd-form><crowd-classifier name="c" categories="['x']" header="Which?"></crowd-classifier></crowd-form>
        <script>
        document.addEventListener('all-crowd-elements-ready', () => {
          const element = document.querySelector('crowd-classifier')
          const area = element.shadowRoot.querySelector('.annotation-area .category-picker-wrapper')
          const card = document.createElement('crowd-card')
          area.insertAdjacentElement('afterend', card)
          element.categories = ['one', 'two']
          element.addEventListener('change', event => { card.innerHTML = event.target.value })
        })</script>"""
    )
    Mouse(worker).choose(2)
    assert (
        frame.evaluate("document.querySelector('crowd-classifier').shadowRoot.querySelector('crowd-card').innerHTML")
        == "two"
    )


def test_class_names_of_the_shadow_trees(worker: Worker) -> None:
    """custom-instructions-width, semantic-segmentation-bounding-box-validation."""
    frame = worker.show(f"<crowd-form>{ANNOTATOR}</crowd-form>", DATA)
    for name in (".awsui-app-layout__navigation", ".awsui-modal-dialog", "canvas.upper-canvas"):
        assert frame.evaluate("name => annotator.shadowRoot.querySelector(name) !== null", name), name


def test_what_is_appended_to_the_form_of_spans_is_answered(worker: Worker) -> None:
    """named-entity-recognition-with-additional-classification."""
    worker.show(
        """<crowd-entity-annotation name="e" text="A text." labels="['a']"><div id="more"><crowd-radio-group>
        <crowd-radio-button name="tech" value="tech">T</crowd-radio-button></crowd-radio-group></div>
        </crowd-entity-annotation><script>document.addEventListener('all-crowd-elements-ready', () => document
        .querySelector('crowd-entity-annotation').shadowRoot.querySelector('crowd-form').form.appendChild(more))</script>"""
    )
    Mouse(worker).press("crowd-radio-button input")
    Mouse(worker).submit()
    assert worker.answer() == {"e": {"entities": []}, "tech": {"tech": True}}


LIQUID = """{% capture id %}{{ task.input.id }}{% endcapture %}{% assign name = task.input.map[id] %}
<crowd-form><crowd-bounding-box name="b" src="{{ task.input.taskObject | grant_read_access }}"
labels="{{ task.input.labels | to_json | escape }}" initial-value="[{% for box in task.input.boxes %}
{ label: {{ name | to_json }}, left: {{ box.left }}, top: {{ box.top }},
  width: {{ box.width }}, height: {{ box.height }}, },
{% endfor %}] // as AWS's guide writes it"></crowd-bounding-box>
{% if task.input.labels.size > 1 %}<p id="html">{{ task.input.html | skip_autoescape }}</p>
<p id="text">{{ task.input.html }}</p>{% endif %}</crowd-form>"""


def test_liquid_and_json_that_is_no_json(worker: Worker) -> None:
    """Loops of the guide's page of crowd-bounding-box, filters of "Adding automation with Liquid"."""
    data = {
        "taskObject": "s3://b/p.png",
        "id": 1,
        "map": {"1": 'Ken\'s "dog"'},
        "labels": ['Ken\'s "dog"', "cat"],
        "boxes": [{"left": 1, "top": 2, "width": 30, "height": 40}],
        "html": "<b>bold</b>",
    }
    frame = worker.show(LIQUID, data)
    assert frame.inner_text("#html") == "bold"
    assert frame.inner_text("#text") == "<b>bold</b>"
    Mouse(worker).submit()
    box = {"height": 40, "label": 'Ken\'s "dog"', "left": 1, "top": 2, "width": 30}
    assert worker.answer() == {
        "b": {"boundingBoxes": [box], "initialValueModified": False, "inputImageProperties": IMAGE}
    }


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("polygon", "[{label: 'Dog', vertices: [{x: 1, y: 2}, {x: 30, y: 2}, {x: 30, y: 40}]}]"),
        ("polyline", "{polylines: [{label: 'Dog', vertices: [{x: 1, y: 2}, {x: 30, y: 2}]}]}"),
        ("line", "{lines: [{label: 'Dog', vertices: [{x: 1, y: 2}, {x: 30, y: 2}]}]}"),
        ("keypoint", "[{label: 'Dog', x: 1, y: 2}]"),
    ],
)
def test_a_start_is_said_to_be_changed_when_it_is(kind: str, start: str, worker: Worker) -> None:
    worker.show(DRAW.format(kind=kind, more=f'initial-value="{start}"'), DATA)
    keys = Keys(worker)
    keys.submit()
    assert worker.answer()["annotatedResult"]["initialValueModified"] is False
    keys.key("n", "ArrowRight")
    keys.submit()
    assert worker.answer()["annotatedResult"]["initialValueModified"] is True


def test_draw_move_resize_relabel_delete_and_the_way_back_by_keys(worker: Worker) -> None:
    worker.show(DRAW.format(kind="bounding-box", more=""), DATA)
    keys = Keys(worker)
    keys.shape([(300, 200), (400, 260)], "bounding-box")
    keys.key("ArrowRight", "Shift+ArrowDown")  # one to the right, ten down
    keys.key("v", "v", "v", "Control+ArrowRight")  # the corner at the bottom right, a hundred to the right
    keys.key("2", "d", "Delete", "Control+z", "Control+z", "h", "h")  # duplicated, deleted, and both taken back
    keys.submit()
    box = {"height": 60, "label": "Cat", "left": 301, "top": 210, "width": 200}
    assert worker.answer()["annotatedResult"]["boundingBoxes"] == [box]
    keys.key("Control+z", "Control+z", "Control+y")  # the label and the corner are taken back, the corner comes again
    keys.submit()
    assert worker.answer()["annotatedResult"]["boundingBoxes"] == [{**box, "label": "Dog"}]


def test_move_and_resize_by_mouse(worker: Worker) -> None:
    worker.show(DRAW.format(kind="bounding-box", more=""), DATA)
    mouse = Mouse(worker)
    mouse.shape([(300, 200), (400, 260)], "bounding-box")
    mouse.drag(worker.at((350, 230)), worker.at((360, 250)))  # by its middle
    mouse.drag(worker.at((410, 280)), worker.at((450, 300)))  # by its corner
    mouse.drag(worker.at((350, 230)), worker.at((795, 230)))  # no further than the picture goes
    mouse.submit()
    assert worker.answer()["annotatedResult"]["boundingBoxes"] == [
        {"height": 80, "label": "Dog", "left": 660, "top": 220, "width": 140}
    ]


MISSING = [
    ('<crowd-classifier name="c" categories="[\'a\']" header="?"></crowd-classifier>', "Choose a category."),
    ('<crowd-input name="w" label="Word" required></crowd-input>', "Fill in Word."),
    ('<crowd-slider name="s" required></crowd-slider>', "Move the slider of s, or press space on it."),
    ('<crowd-checkbox name="c" required>Clear</crowd-checkbox>', "Clear has to be chosen."),
    (
        """<crowd-text-ranking name="r" responses='["a", "b"]' ordinal-ranking-dimensions='[{name: "Clarity"}]'>
        </crowd-text-ranking>""",
        "Rank every response by Clarity.",
    ),
    (
        '<crowd-semantic-segmentation name="s" src="" labels="[]"></crowd-semantic-segmentation>',
        "<crowd-semantic-segmentation> cannot be used: masks of pixels are not offered yet; boxes and polygons are.",
    ),
    ("<crowd-3d-point-cloud></crowd-3d-point-cloud>", "<crowd-3d-point-cloud> cannot be used"),
]


@pytest.mark.parametrize("at", range(len(MISSING)))
def test_what_is_missing_is_said_in_a_sentence(at: int, worker: Worker) -> None:
    body, said = MISSING[at]
    worker.show(f"<crowd-form>{body}</crowd-form>")
    Mouse(worker).submit()
    assert said in worker.find("crowd-form > .error, .error[role=alert]").last.inner_text()
    assert worker.answers.empty()
