"""Worker templates are found in files, folders and git directories, and get data that fits."""

import json
import subprocess
from pathlib import Path

import pytest

from mdlc.errors import InputError
from mdlc.templates.check import judge
from mdlc.templates.template import PICTURE, find, read_data, sample

FORM = "<crowd-form></crowd-form>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "templates"
    (place / "images").mkdir(parents=True)
    (place / "images" / "box.liquid.html").write_text(FORM)
    (place / "README.md").write_text(FORM)
    (place / "page.html").write_text("<p>no template</p>")
    return place


def test_of_a_folder(folder: Path) -> None:
    assert find(folder) == {"images/box.liquid.html": FORM}


def test_of_a_git_directory_without_a_work_tree(folder: Path) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x")):
        subprocess.run(["git", "-C", folder, *settings, *command], check=True)
    assert find(folder / ".git") == {"images/box.liquid.html": FORM}


def test_what_has_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no worker template"):
        find(tmp_path)
    (tmp_path / "HEAD").write_text("")
    with pytest.raises(InputError, match="cannot be read by git"):
        find(tmp_path)
    file = tmp_path / "a.html"
    file.write_bytes(b"<crowd-form>\xff")
    with pytest.raises(InputError, match=r"a\.html is no UTF-8 at byte 12"):
        find(file)


def test_samples_have_what_a_template_names() -> None:
    text = """{{ task.input.source }} {{ task.input.image1 | grant_read_access }}
    {{ task.input.labels | to_json | escape }}
    {% for pair in task.input.pairs %}{{ pair.one }}{% endfor %}
    {%- for word in task.input.more.words -%}{{ word }}{% endfor %}
    {{ task.input.item.title }} {{ forloop.index }}"""
    assert sample(text) == {
        "source": "Sample text",
        "image1": PICTURE,
        "labels": ["One", "Two", "Three"],
        "pairs": [{"one": "Sample text"}, {"one": "Sample text"}],
        "more": {"words": ["Sample text", "Sample text"]},
        "item": {"title": "Sample text"},
    }


def test_a_template_that_parses_json_gets_some() -> None:
    assert json.loads(sample("{{ task.input.parts }}<script>JSON.parse(x)</script>")["parts"])


def test_data_of_a_file_with_the_media_beside_it(tmp_path: Path) -> None:
    (tmp_path / "fish.png").write_bytes(b"")
    (tmp_path.parent / "secret.txt").write_text("s")
    file = tmp_path / "data.json"
    file.write_text(json.dumps({"taskInput": {"taskObject": "fish.png", "more": ["../secret.txt", "none.png"]}}))
    data, media = read_data(file)
    assert data == {"taskObject": "fish.png", "more": ["../secret.txt", "none.png"]}
    assert media == {"fish.png": tmp_path / "fish.png"}


@pytest.mark.parametrize(("text", "said"), [("{", "is no JSON"), ("[]", "has no JSON object")])
def test_bad_data(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        read_data(file)


HEARD = {"name": "a", "ready": True, "error": [], "refused": [], "blocked": [], "lacking": []}
CDN = {"directive": "script-src-elem", "what": "https://cdn.example/x.js"}


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ({}, ""),
        ({"blocked": [{"directive": "img-src", "what": "https://cdn.example/x.png"}]}, ""),
        ({"ready": False}, "Its elements never came: does it name crowd-html-elements.js?"),
        ({"refused": ["<crowd-x> cannot be used: …"], "error": ["e"]}, "<crowd-x> cannot be used: …"),
        (
            {"error": ["$ is not defined"], "blocked": [CDN]},
            "$ is not defined: it needs https://cdn.example/x.js, and a template has no network.",
        ),
    ],
)
def test_judgments(heard: dict[str, object], why: str) -> None:
    judged = judge({**HEARD, **heard})
    assert (judged.why, judged.clean) == (why, not why)
