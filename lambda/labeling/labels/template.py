"""What a worker template loads, and from where: scripts and styles of hosts that nobody has allowed are refused."""

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

ELEMENTS: Final = "assets.crowd.aws"
"""Where AWS has its elements for templates; the portal has its own under their names, and nothing is loaded there."""
_LOADING: Final = {"script": "src", "link": "href", "iframe": "src", "object": "data", "embed": "src"}


class TemplateError(ValueError):
    """A worker template that people are not shown; one sentence."""


def check(template: str, hosts: Sequence[str]) -> None:
    """Refuse a template that is none, or that loads something from another host than these. Raises TemplateError."""
    if not template.strip():
        raise TemplateError("The worker template is empty: write the page that people are to see.")
    for host in _hosts(template):
        if host not in {ELEMENTS, *hosts}:
            raise TemplateError(
                f"The worker template loads something from {host}: put it into the template itself, or have the host"
                " named in the environment's Labeling(template_hosts=...)."
            )


def _hosts(template: str) -> Iterator[str]:
    """Yield the hosts that a template names; an address with Liquid in its host has none yet."""
    reader = _Reader()
    reader.feed(template)
    reader.close()
    for address in reader.addresses:
        if address.startswith(("//", "http:", "https:")) and (host := urlsplit(address).hostname):
            yield host


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value.strip() for name, value in attrs if value and name == _LOADING.get(tag)]
