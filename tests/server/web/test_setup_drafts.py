"""A change of the set-up lies in its preview as a draft that the browser sends back: what comes back may be anything."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.server.web.rehearsal import Served, token_of
from tests.server.web.setup_forms import form_mark, plan


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.signed_in("ada")


UNREADABLE: Any = [
    "",
    "[]",
    "{}",
    '{"part": "service:housing", "after": 5, "mark": "x"}',
    '{"part": "nothing:x", "after": {}, "mark": "x"}',
    "[" * 5000,
]


def test_a_draft_that_cannot_be_read_does_nothing(served: Served, ada: httpx.Client) -> None:
    for draft in UNREADABLE:
        answer = ada.post("/setup/changes/do", data={"csrf": token_of(ada), "draft": draft, "when": "now"})
        assert answer.status_code == 422
        assert "Open the form again" in answer.text


BY_HAND: Any = [
    ("hours", {"hours": 5}),
    ("hours", {"hours": [5]}),
    ("hours", {"hours": [{"days": 5, "opens": [], "closes": {}}]}),
    ("hours", None),
    ("layout", {"choices": "money", "under": 5}),
    ("layout", {"choices": [{}], "under": {"a": [5]}}),
    ("service:housing", {"slug": "parking", "names": {"en": "X"}}),
    ("service:housing", {"slug": "housing", "names": 5, "help": [], "hours": {}, "closure": [5]}),
    ("service:housing", {"slug": "housing", "names": {"en": {"en": "X"}}}),
    ("closure:x", {"first": {}, "last": [], "reason": {"en": "X"}}),
    ("exception:2027-01-01", {"exception": [{"on": "2027-01-02"}]}),
    ("centre", {"languages": {}, "wait_here": "x"}),
]


def test_a_draft_made_by_hand_meets_the_same_rules(served: Served, ada: httpx.Client) -> None:
    for part, after in BY_HAND:
        before = plan(served)
        shown = {"hours": "/setup/hours", "layout": "/setup/layout", "centre": "/setup/centre"}
        mark = form_mark(ada, shown.get(part, "/setup/services/housing"))
        if part.startswith(("closure", "exception")):
            mark = form_mark_of_nothing(ada)
        sent = {
            "csrf": token_of(ada),
            "draft": json.dumps({"part": part, "after": after, "mark": mark}),
            "when": "now",
        }
        assert ada.post("/setup/changes/do", data=sent).status_code in (409, 422)
        assert plan(served) == before


def form_mark_of_nothing(client: httpx.Client) -> str:
    return form_mark(client, "/setup/closures/add")
