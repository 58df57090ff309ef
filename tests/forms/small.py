"""Small forms for tests, written as people write them."""

from __future__ import annotations

from textwrap import dedent

from forms.form import Form
from forms.reading import Fault, read_form

HEAD = """\
slug: small
languages: [en]
title: {en: Small}
lead: {en: A small form}
sent: {en: Thank you}
"""


def text_of(steps: str, head: str = HEAD, more: str = "") -> str:
    return (
        f"{head}{dedent(more)}steps:\n"
        + "\n".join(f"  {line}" for line in dedent(steps).strip().splitlines())
        + "\n"
    )


def form_of(steps: str, more: str = "") -> Form:
    found = read_form(text_of(steps, more=more))
    assert isinstance(found, Form), [str(fault) for fault in found]
    return found


def faults_of(steps: str, head: str = HEAD, more: str = "") -> list[Fault]:
    found = read_form(text_of(steps, head, more))
    assert not isinstance(found, Form)
    return found
