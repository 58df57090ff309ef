"""The one style sheet of the booking pages, made at start from GOV.UK Frontend's and our own, small enough for a cheap phone.

The vendored file stays as its makers ship it. What is sent differs in three ways. Rules of components no page uses are left out (it is a fifth of the
size then, and packed a tenth of that). The fonts are a visitor's own: GDS Transport is GOV.UK's alone, and a web font would cost a second.
And left and right become start and end, because GOV.UK Frontend knows no script that runs from right to left and two of our six languages do.

Its address carries its hash, so a phone fetches it once and keeps it a year.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_STATIC = Path(__file__).resolve().parents[1] / "static"
VENDORED = _STATIC / "vendor" / "govuk-frontend" / "govuk-frontend.min.css"
OWN = _STATIC / "book.css"

USED = (
    "back-link", "body", "button", "checkboxes", "date-input", "details", "error-message", "error-summary", "fieldset", "form-group", "heading", "hint", "input",
    "inset-text", "label", "link", "list", "main-wrapper", "panel", "radios", "select", "skip-link", "summary-list", "template", "textarea",
    "visually-hidden", "warning-text", "width-container",
)  # fmt: skip
"""Components and parts the templates use: what a class is called after `govuk-`."""
FONTS = '"Noto Sans","Noto Sans Gujarati","Noto Sans Gurmukhi","Noto Naskh Arabic",system-ui,-apple-system,"Segoe UI",Roboto,arial,sans-serif'
_CLASS = re.compile(r"\.govuk-([a-z-]+)")
_LOGICAL = (
    (re.compile(r"(?<![\w-])(margin|padding)-left(?=:)"), r"\1-inline-start"),
    (re.compile(r"(?<![\w-])(margin|padding)-right(?=:)"), r"\1-inline-end"),
    (re.compile(r"(?<![\w-])border-left(?=[:-])"), "border-inline-start"),
    (re.compile(r"(?<![\w-])border-right(?=[:-])"), "border-inline-end"),
    (re.compile(r"(?<![\w-])left(?=:)"), "inset-inline-start"),
    (re.compile(r"(?<![\w-])right(?=:)"), "inset-inline-end"),
    (re.compile(r"(?<![\w-])(text-align|float|clear):left\b"), r"\1:start"),
    (re.compile(r"(?<![\w-])(text-align|float|clear):right\b"), r"\1:end"),
)


@dataclass(frozen=True)
class Sheet:
    """The style sheet as it is sent; `mark` names this very text."""

    plain: bytes
    packed: bytes
    mark: str


@cache
def sheet() -> Sheet:
    css = adapted(VENDORED.read_text(encoding="utf-8")) + OWN.read_text(encoding="utf-8")
    plain = css.encode()
    return Sheet(plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:16])


def adapted(css: str) -> str:
    """GOV.UK Frontend's style sheet as these pages need it."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).replace('@charset "UTF-8";', "")
    return "".join(_rules(css))


def _rules(css: str) -> Iterator[str]:
    for head, body in _blocks(css):
        if head.startswith(("@media", "@supports")):
            inside = "".join(_rules(body))
            if inside:
                yield f"{head}{{{inside}}}"
        elif head.startswith("@"):
            continue  # fonts, and movements of components that are not used
        else:
            selectors = [each for each in re.split(r",(?![^(]*\))", head) if _is_used(each)]
            if selectors:
                yield f"{','.join(selectors)}{{{_logical(body)}}}"


def _is_used(selector: str) -> bool:
    if "\\!" in selector:  # one-off overrides: the templates use none
        return False
    return all(
        any(name == part or name.startswith((f"{part}-", f"{part}_")) for part in USED)
        for name in _CLASS.findall(selector)
    )


def _logical(declarations: str) -> str:
    for physical, logical in _LOGICAL:
        declarations = physical.sub(logical, declarations)
    return declarations.replace("GDS Transport,arial,sans-serif", FONTS)


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Each rule's head and body, those of a `@media` with their own rules inside."""
    start = depth = opened = 0
    for at, sign in enumerate(css):
        if sign == "{":
            if depth == 0:
                opened = at
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1 : at]
                start = at + 1
