"""Reads a page as a browser would: its elements, and the text of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "link", "meta", "img", "br", "use", "path", "hr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Reader(HTMLParser):
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read(html: str) -> list[Element]:
    reader = Reader()
    reader.feed(html)
    return reader.elements


def having(elements: list[Element], tag: str, **attributes: str) -> list[Element]:
    """Those of a tag with these attributes. `class_` must be one of the element's classes."""
    wanted = attributes.pop("class_", None)
    return [
        element
        for element in elements
        if element.tag == tag
        and all(element.attributes.get(name) == value for name, value in attributes.items())
        and (wanted is None or wanted in element.attributes.get("class", "").split())
    ]
