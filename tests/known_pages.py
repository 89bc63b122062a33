"""What stands in a page, by its own reading."""

from __future__ import annotations

from html.parser import HTMLParser

TAGS = set(
    "html head meta title style body main header section h1 h2 h3 h4 p ul ol li span b i small code"
    " pre script div dl dt dd table thead tbody tr th td svg line rect text details summary figure"
    " figcaption blockquote mark".split()
)


VOID = {"meta"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; ends of elements are checked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open[-1:]):
            self.texts.setdefault(tag, []).append(data)

    def text(self, tag: str) -> str:
        return " ".join("".join(self.texts.get(tag, [])).split())
