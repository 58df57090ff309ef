"""Fills in the forms of a page as a browser without script would: what stands in it is sent, but for what the test changes."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

Pairs = list[tuple[str, str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Pairs]] = []
        self._select = ""
        self._area = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
        if not self.forms:
            return
        pairs = self.forms[-1][1]
        if tag == "input" and "name" in given and "disabled" not in given:
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked:
                pairs.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = given.get("name", "")
            pairs.append((self._select, ""))
        elif tag == "option" and "selected" in given and self._select:
            pairs[-1] = (self._select, given.get("value", ""))
        elif tag == "textarea":
            self._area, self._text = given.get("name", ""), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.forms:
            self.forms[-1][1].append((self._area, self._text))
        if tag == "select":
            self._select = ""


def form_in(html: str, action: str) -> Pairs:
    """What the form that is sent to `action` holds."""
    parser = _Forms()
    parser.feed(html)
    return next(pairs for where, pairs in parser.forms if where == action)


def filled(pairs: Pairs, **changes: Any) -> dict[str, list[str]]:
    """The form with fields changed: `None` leaves one out. Names with dots as `names__en`."""
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    for key, value in changes.items():
        name = key.replace("__", ".")
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value if isinstance(value, list) else [value]
    return data
