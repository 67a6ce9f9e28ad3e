"""The page's files: each with its headers, from one folder, with no address of the internet in any."""

import re
from pathlib import Path
from typing import Any

import pytest

from page import handler
from tests.lambda_.labeling.portal.house import proxy_event

SITE = Path(__file__).parents[4] / "web" / "labeling"


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(SITE.parent))
    monkeypatch.setenv("PAGE_FOLDER", SITE.name)


def get(path: str) -> Any:
    return handler.handler(proxy_event("GET", path), None)


def test_the_page_is_asked_for_anew_and_its_files_are_kept() -> None:
    index = get("/")
    assert index["statusCode"] == 200
    assert index["headers"]["Cache-Control"] == "no-store"
    policy = index["headers"]["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    script = re.search(r'src="([^"]+app\.js)"', index["body"])
    assert script
    assert not script[1].startswith(("/", "http"))
    app = get(f"/{script[1]}")
    assert app["statusCode"] == 200
    assert app["headers"]["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in app["headers"]["Cache-Control"]


def test_the_frame_has_a_policy_of_its_own() -> None:
    version = re.search(r'src="([^/]+)/', get("/")["body"])
    assert version
    frame = get(f"/{version[1]}/frame.html")
    assert frame["headers"]["Content-Security-Policy"].startswith("sandbox allow-scripts allow-forms; ")


@pytest.mark.parametrize("path", ["/headers.json", "/portal/index.html", "/../headers.json", "/x/frame.html", "/.env"])
def test_nothing_else_is_served(path: str) -> None:
    assert get(path)["statusCode"] == 404


def test_without_its_last_slash_the_page_is_elsewhere() -> None:
    event = proxy_event("GET", "/")
    event["requestContext"]["path"] = "/portal"
    answer = handler.handler(event, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (302, "/portal/")


NAMES = {"https://assets.crowd.aws/", "http://www.w3.org/"}
"""A name that templates give our own file, and that of SVG: neither is ever asked."""


def test_no_file_names_an_address_of_the_internet() -> None:
    for name, file in handler.files(SITE).items():
        found = set(re.findall(r"(?:https?:|wss?:)?//[a-z0-9-]+\.[a-z0-9.-]+/", file.text))
        assert not {each for each in found if each not in NAMES}, name
