"""A page as a browser reads it: its elements, their attributes, its words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser


@dataclass
class Element:
    """An element, and the words directly in it or in what it holds."""

    name: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


VOID = {"meta", "link", "img", "input", "br", "hr", "wbr"}


class Reader(HTMLParser):
    """Collects elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.found.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without its beginning"
        assert self.open[-1].name == tag, f"</{tag}> inside of <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)


@dataclass(frozen=True)
class Page:
    """A page."""

    source: str

    @cached_property
    def elements(self) -> list[Element]:
        reader = Reader()
        reader.feed(self.source)
        reader.close()
        assert not reader.open, f"<{reader.open[-1].name}> without its end"
        return reader.found

    def all(self, name: str, **attributes: str) -> list[Element]:
        """Return the elements called `name` that have these attributes."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [one for one in self.elements if one.name == name and wanted.items() <= one.attributes.items()]

    def links(self, rel: str = "") -> list[str]:
        """Return where links lead; only those of a relation, if one is given."""
        found = [one.attributes for one in self.elements if one.name in {"a", "link"} and "href" in one.attributes]
        return [one["href"] for one in found if not rel or rel in one.get("rel", "").split()]

    def titles(self) -> list[str]:
        """Return the titles of the videos in lists."""
        return [one.text for one in self.all("h3", class_="peertube-card-title")]

    def videos(self) -> list[str]:
        """Return the pages of the videos in lists."""
        cards = self.all("a", class_="peertube-card-picture")
        return [one.attributes["href"] for one in cards if "/videos/" in one.attributes["href"]]


Look = Callable[..., Page]
"""Look at an address, as the fixture `look` does."""
