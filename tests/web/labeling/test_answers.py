"""Answers of every element are those of AWS's documentation, by mouse, by finger and by keys alone.

Source, where nothing else is said: Amazon SageMaker Developer Guide, `sms-ui-template-crowd-*.md`, "Output", with the
size of the picture and the boxes of its first example; other coordinates are what the hand is told to draw.
"""

from typing import Any

import pytest

from tests.web.labeling.worker import Hand, Keys

pytestmark = pytest.mark.slow

IMAGE = {"height": 533, "width": 800}
SHAPES: dict[str, Any] = {
    "bounding-box": (
        [("Dog", [(243, 117), (430, 518)]), ("Cat", [(684, 120), (800, 403)])],
        "boundingBoxes",
        [
            {"height": 401, "label": "Dog", "left": 243, "top": 117, "width": 187},
            {"height": 283, "label": "Cat", "left": 684, "top": 120, "width": 116},
        ],
    ),
    "polygon": (
        [("Dog", [(570, 239), (603, 513), (759, 281)])],
        "polygons",
        [{"label": "Dog", "vertices": [{"x": 570, "y": 239}, {"x": 603, "y": 513}, {"x": 759, "y": 281}]}],
    ),
    "polyline": (
        [("Dog", [(51, 498), (62, 369), (449, 411)]), ("Cat", [(348, 322), (605, 474)])],
        "polylines",
        [
            {"label": "Dog", "vertices": [{"x": 51, "y": 498}, {"x": 62, "y": 369}, {"x": 449, "y": 411}]},
            {"label": "Cat", "vertices": [{"x": 348, "y": 322}, {"x": 605, "y": 474}]},
        ],
    ),
    "line": (
        [("Cat", [(58, 295), (342, 398)]), ("Dog", [(472, 410), (680, 400)])],
        "lines",
        [
            {"label": "Cat", "vertices": [{"x": 58, "y": 295}, {"x": 342, "y": 398}]},
            {"label": "Dog", "vertices": [{"x": 472, "y": 410}, {"x": 680, "y": 400}]},
        ],
    ),
    "keypoint": (
        [("Dog", [(155, 275)]), ("Cat", [(341, 447)])],
        "keypoints",
        [{"label": "Dog", "x": 155, "y": 275}, {"label": "Cat", "x": 341, "y": 447}],
    ),
}
LABELS = ["Dog", "Cat", "Bird"]


DRAW = """<crowd-form><crowd-{kind} name="annotatedResult" src="{{{{ task.input.taskObject | grant_read_access }}}}"
    labels="['Dog', 'Cat', 'Bird']" header="Draw" {more}></crowd-{kind}></crowd-form>"""
DATA = {"taskObject": "s3://bucket/picture.png"}


@pytest.mark.parametrize("kind", SHAPES)
def test_shapes(kind: str, hand: Hand) -> None:
    shapes, key, expected = SHAPES[kind]
    hand.worker.show(DRAW.format(kind=kind, more=""), DATA)
    for label, points in shapes:
        hand.leave()
        hand.choose(LABELS.index(label) + 1)
        hand.shape(points, kind)
    hand.submit()
    assert hand.worker.answer() == {"annotatedResult": {key: expected, "inputImageProperties": IMAGE}}


CLASSES = ("classifier", "image-classifier")


@pytest.mark.parametrize("kind", CLASSES)
def test_one_class(kind: str, hand: Hand) -> None:
    hand.worker.show(
        f"""<crowd-form><crowd-{kind} name="category" src="{{{{ 's3://bucket/picture.png' | grant_read_access }}}}"
        categories="['cat', 'dog']" header="Which?"><classification-target>A text.</classification-target>
        </crowd-{kind}></crowd-form>""",
        {"taskObject": "s3://bucket/picture.png"},
    )
    hand.choose(2)
    hand.choose(1)
    hand.submit()
    assert hand.worker.answer() == {"category": {"label": "cat"}}


@pytest.mark.parametrize("kind", CLASSES)
def test_several_classes(kind: str, hand: Hand) -> None:
    hand.worker.show(
        f"""<crowd-form><crowd-{kind}-multi-select name="labels" src="" categories="['a', 'b', 'c']"
        header="Which?" exclusion-category="{{ text: 'None of the above' }}">
        </crowd-{kind}-multi-select></crowd-form>"""
    )
    hand.choose(4)
    hand.choose(3)  # which takes the exclusion back
    hand.choose(1)
    hand.submit()
    assert hand.worker.answer() == {"labels": {"labels": ["a", "c"]}}


def test_none_of_the_classes(hand: Hand) -> None:
    hand.worker.show(
        """<crowd-form><crowd-classifier-multi-select name="labels" categories="['a', 'b', 'c']" header="Which?"
        exclusion-category="{ text: 'None of the above' }"></crowd-classifier-multi-select></crowd-form>"""
    )
    hand.choose(1)
    hand.choose(4)
    hand.submit()
    assert hand.worker.answer() == {"labels": {"labels": ["None of the above"]}}


def test_a_comment_of_the_worker(hand: Hand) -> None:
    hand.worker.show(
        """<crowd-form><crowd-image-classifier name="verdict" categories="['good', 'bad']" header="Good?"
        src="{{ 's3://b/p.png' | grant_read_access }}"
        overlay='{"boundingBox": {labels: ["bird"],
        value: [{height: 284, label: "bird", left: 30, top: 74, width: 223}]}}'>
        <worker-comment link-text="Why?">Say why.</worker-comment></crowd-image-classifier></crowd-form>""",
        {"x": "s3://b/p.png"},
    )
    hand.choose(2)
    hand.press(".category-picker-wrapper > button")
    hand.press("dialog[open] textarea")
    hand.worker.page.keyboard.type("Too wide.")
    hand.press("dialog[open] > button")
    hand.submit()
    answer = hand.worker.answer()
    answer["verdict"]["workerComment"] = answer["verdict"]["workerComment"].strip()  # keys choose by a blank
    assert answer == {"verdict": {"label": "bad", "workerComment": "Too wide."}}


TEXT = "Ada 🦉 met Grace Hopper in Arlington on 9 December."
"""The owl is one letter of Unicode, and two of UTF-16: Grace begins at 10 and Arlington at 26."""
ENTITIES: list[dict[str, Any]] = [
    {"endOffset": 3, "label": "person", "startOffset": 0},
    {"endOffset": 22, "label": "person", "startOffset": 10},
    {"endOffset": 35, "label": "place", "startOffset": 26},
]
"""Counted by hand: A0 d1 a2 _3 🦉4 _5 m6 e7 t8 _9 G10 … e14 _15 H16 … r21 _22 i23 n24 _25 A26 … n34 _35."""


def test_spans_of_text(hand: Hand) -> None:
    hand.worker.show(
        """<crowd-entity-annotation name="myAnnotatedResult" text="{{ task.input.text }}" header="Who and where?"
        labels="[{label: 'person', shortDisplayName: 'per', fullDisplayName: 'Person'}, {label: 'place'}]">
        </crowd-entity-annotation>""",
        {"text": TEXT},
    )
    for each in ENTITIES:
        hand.span(each["startOffset"], each["endOffset"], ["person", "place"].index(each["label"]) + 1)
    hand.submit()
    assert hand.worker.answer() == {"myAnnotatedResult": {"entities": ENTITIES}}


SWITCHES = [
    (
        """<crowd-checkbox name="image_attributes" value="blurry">Blurry</crowd-checkbox>
        <crowd-checkbox name="image_attributes" value="dim">Too Dim</crowd-checkbox>
        <crowd-checkbox name="image_attributes" value="exposed">Too Bright</crowd-checkbox>""",
        ["[value=blurry] input", "[value=dim] input"],
        {"image_attributes": {"blurry": True, "dim": True, "exposed": False}},
    ),
    (
        """<crowd-checkbox name="Stop" value="Red">Red</crowd-checkbox><crowd-checkbox name="Slow" value="Yellow">
        Yellow</crowd-checkbox><crowd-checkbox name="Go" value="Green">Green</crowd-checkbox>""",
        ["[name=Stop] input"],
        {"Go": {"Green": False}, "Slow": {"Yellow": False}, "Stop": {"Red": True}},
    ),
    (
        """<crowd-radio-group><crowd-radio-button name="btn1" value="yes">Yes</crowd-radio-button>
        <crowd-radio-button name="btn2" value="no" checked>No</crowd-radio-button></crowd-radio-group>""",
        ["[name=btn1] input"],
        {"btn1": {"yes": True}, "btn2": {"no": False}},
    ),
    ('<crowd-toggle-button name="theToggler">On?</crowd-toggle-button>', ["input"], {"theToggler": {"on": True}}),
]


@pytest.mark.parametrize("at", range(len(SWITCHES)), ids=["merged", "apart", "radio", "toggle"])
def test_switches(at: int, hand: Hand) -> None:
    body, pressed, expected = SWITCHES[at]
    hand.worker.show(f"<crowd-form>{body}</crowd-form>")
    for each in pressed:
        hand.press(each)
    hand.submit()
    assert hand.worker.answer() == expected


def test_texts_and_numbers(hand: Hand) -> None:
    """Elements with no input do not appear; carriage returns are written as newlines; a slider is a number."""
    hand.worker.show(
        """<crowd-form><crowd-input name="tag1" label="Word 1" required></crowd-input>
        <crowd-input name="tag2" label="Word 2" value="red"></crowd-input><crowd-input name="tag3"></crowd-input>
        <crowd-text-area name="textInput1" rows="4" char-counter></crowd-text-area>
        <crowd-text-area name="none"></crowd-text-area>
        <crowd-slider name="rating" min="1" max="5" step="1" required pin></crowd-slider></crowd-form>"""
    )
    focus = hand.focus if isinstance(hand, Keys) else hand.press
    focus("[name=tag1] input")
    hand.worker.page.keyboard.type("blue")
    focus("[name=textInput1] textarea")
    hand.worker.page.keyboard.type("This is the text;\nthe text")
    hand.slide("[name=rating] input", 3, 4)
    hand.submit()
    expected = {"tag1": "blue", "tag2": "red", "textInput1": "This is the text;\nthe text", "rating": 4}
    assert hand.worker.answer() == expected


def test_controls_of_html(hand: Hand) -> None:
    hand.worker.show(
        """<crowd-form><input name="word"><select name="animal"><option value="">-</option><option>cat</option>
        </select>
        <textarea name="empty"></textarea><input type="radio" name="toxicity" value="toxic" id="t">
        <input type="radio" name="toxicity" value="non-toxic" id="n">
        <input type="hidden" name="_" value="_"></crowd-form>"""
    )
    focus = hand.focus if isinstance(hand, Keys) else hand.press
    focus("[name=word]")
    hand.worker.page.keyboard.type("hi")
    if isinstance(hand, Keys):
        hand.focus("select")
        hand.key("ArrowDown")
    else:
        hand.worker.find("select").select_option("cat")
    hand.press("#t")
    hand.submit()
    assert hand.worker.answer() == {
        "_": "_",
        "animal": "cat",
        "word": "hi",
        "toxicity": {"non-toxic": False, "toxic": True},
    }


def test_ranks(hand: Hand) -> None:
    """Source: AWS's notebook SageMaker-GroundTruth-Generative-AI-Text-Ranking, which reads this form."""
    hand.worker.show(
        """<crowd-form><crowd-text-ranking name="textRanking" text="Explain."
        responses='{{ task.input.responses | to_json }}'
        ordinal-ranking-dimensions='[{"name":"Clarity","allowTie":true},{"name":"Inclusivity","allowTie":false}]'>
        </crowd-text-ranking></crowd-form>""",
        {"responses": ["One", "It's two"]},
    )
    wanted = {"Clarity": [2, 2], "Inclusivity": [2, 1]}
    for name, ranks in wanted.items():
        for at, rank in enumerate(ranks):
            box = f'[aria-label="{name} of response {at + 1}"]'
            if isinstance(hand, Keys):
                hand.focus(box)
                hand.key(*["ArrowDown"] * rank)
            else:
                hand.worker.find(box).select_option(str(rank))
    hand.submit()
    assert hand.worker.answer() == {
        "ordinalRankingDimensions": [
            {"allowTie": True, "name": "Clarity", "responseRankings": [2, 2]},
            {"allowTie": False, "name": "Inclusivity", "responseRankings": [2, 1]},
        ]
    }


def test_questions_and_answers(hand: Hand) -> None:
    """No document shows this answer; its parts are named as the element's attributes name them."""
    hand.worker.show(
        """<crowd-form><crowd-question-answer-generation name="qa" text="Rain falls." min-questions=1 max-questions=5
        question-min-words=2 question-tags='["What", "Why"]' allow-custom-question-tags=true>
        </crowd-question-answer-generation></crowd-form>"""
    )
    focus = hand.focus if isinstance(hand, Keys) else hand.press
    for box, text in (("question 1", "What falls?"), ("answer 1", "Rain")):
        focus(f'[aria-label="{box}"]')
        hand.worker.page.keyboard.type(text)
    hand.press(".tag >> nth=0 >> input")
    hand.submit()
    assert hand.worker.answer() == {
        "qa": {"questionAnswerPairs": [{"answer": "Rain", "question": "What falls?", "tags": ["What"]}]}
    }
