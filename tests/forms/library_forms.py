"""The forms of the library, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from forms.form import Form
from forms.reading import read_form

LIBRARY = Path(__file__).parents[2] / "forms" / "library"


@cache
def library() -> dict[str, Form]:
    found: dict[str, Form] = {}
    for file in sorted(LIBRARY.glob("*.yaml")):
        form = read_form(file.read_text(encoding="utf-8"))
        assert isinstance(form, Form), [str(fault) for fault in form]
        found[form.slug] = form
    return found
