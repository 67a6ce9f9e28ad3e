"""What tests read of a page: its text, and that it is whole."""

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """Checks that every element is closed in its order and that nothing outside is needed; gathers text and rows."""

    VOID = frozenset({"meta", "br", "hr", "img", "input", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self.addresses: list[str] = []
        self.feed(html)
        assert not self.open
        assert not re.search(r"@import|url\((?!#arrow)|<script", html)

    @property
    def text(self) -> str:
        """All that a person reads, with single blanks."""
        return " ".join(" ".join(self.words).split())

    def row(self, first: str) -> list[str]:
        """The cells of the first row of a table that begins so."""
        return next(cells for cells in self.rows if cells and cells[0] == first)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "xlink:href", "action"}]
        assert "src" not in given or (given["src"] or "").startswith("data:")
        assert not any((value or "").startswith(("http:", "https:", "//")) for value in given.values())
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] == "style":
            return
        self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] = " ".join(f"{self.rows[-1][-1]} {data}".split())
