"""The forms of the set-up as a browser without script fills them: sent, confirmed, and what is said at a field."""

from __future__ import annotations

import html
from typing import Any

import httpx

from server.actions.centres import export
from server.centrefile import CentrePlan
from tests.server.web.forms import filled, form_in
from tests.server.web.rehearsal import Served


def plan(served: Served) -> CentrePlan:
    found = served.run(served.house.read(lambda session: export(session, "york-house")))
    assert found is not None
    return found


def send(client: httpx.Client, path: str, page: str = "", **changes: Any) -> httpx.Response:
    """Open the form at `page` (or `path`), change fields, send it."""
    shown = client.get(page or path)
    assert shown.status_code == 200, shown.text
    return client.post(path, data=filled(form_in(shown.text, path), **changes))


def do(client: httpx.Client, preview: httpx.Response, when: str = "now", on: str = "") -> httpx.Response:
    """Confirm what a preview shows."""
    assert "Nothing is changed yet" in preview.text, preview.status_code
    form = filled(form_in(preview.text, "/setup/changes/do"), when=when, on=on)
    return client.post("/setup/changes/do", data=form)


def fault(answer: httpx.Response, path: str) -> str:
    """The sentence at a field."""
    assert answer.status_code == 422, answer.text
    after = answer.text.split(f'id="fault-{path}">', 1)[1]
    return html.unescape(after.split("</svg>", 1)[1].split("</p>", 1)[0])


def form_mark(client: httpx.Client, path: str) -> str:
    return dict(form_in(client.get(path).text, path))["mark"]
