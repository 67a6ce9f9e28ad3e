"""The server of templates answers its own page on this machine, and nobody else."""

import http.client
from collections.abc import Iterator

import pytest

from mdlc.errors import CommandError
from mdlc.templates.server import TemplateServer, serving
from mdlc.templates.template import Template

HEARD: list[object] = []


@pytest.fixture(scope="module")
def server() -> Iterator[TemplateServer]:
    template = Template("a.html", "<crowd-form></crowd-form>", {"text": "secret"}, {})
    with serving(TemplateServer("try/preview.html", [template], lambda _, found: HEARD.append(found))) as running:
        yield running


def ask(server: TemplateServer, path: str, body: str | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("GET" if body is None else "POST", path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_its_page_frame_and_tasks_are_there(server: TemplateServer) -> None:
    assert [ask(server, path) for path in ("/", "/frame.html", "/tasks", "/vendor/liquid.js")] == [200] * 4


@pytest.mark.parametrize(
    "path", ["/../../pyproject.toml", "/../../mdlc/cli.py", "/%2e%2e/app.py", "/headers.json", "/vendor/x", "/media"]
)
def test_nothing_else_of_this_machine_is(server: TemplateServer, path: str) -> None:
    assert ask(server, path) == 404


def test_other_names_and_other_pages_are_refused(server: TemplateServer) -> None:
    assert ask(server, "/tasks", Host="evil.example") == 403
    assert ask(server, "/results", "{}", Origin="https://evil.example") == 403
    assert ask(server, "/results", "{}", Origin="null") == 403
    assert HEARD == []


def test_what_the_page_posts_is_heard_and_what_is_no_json_is_not(server: TemplateServer) -> None:
    assert ask(server, "/results", "no json") == 400
    assert HEARD == []
    assert ask(server, "/results", '{"answer": 1}', Origin=server.address) == 200
    assert HEARD == [{"answer": 1}]


def test_a_port_that_is_taken_is_said(server: TemplateServer) -> None:
    with pytest.raises(CommandError, match=rf"Port {server.server_port} cannot be had .*--port"):
        TemplateServer("try/preview.html", [], lambda *_: None, server.server_port)
