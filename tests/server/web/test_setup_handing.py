"""Purposes, teams and pages elsewhere, set up in the browser."""

from __future__ import annotations

import httpx
import pytest

from tests.server.web.rehearsal import Served
from tests.server.web.setup_forms import do, fault, plan, send


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.signed_in("ada")


def test_papers_get_a_purpose_and_a_team_that_deals_with_them(served: Served, ada: httpx.Client) -> None:
    refused = send(ada, "/setup/teams/add", name="Housing", way="folder", address="../etc")
    assert "Write the name of a folder" in fault(refused, "address")
    preview = send(ada, "/setup/teams/add", name="Housing", way="folder", address="housing/incoming")
    assert "A folder on this server" in preview.text
    assert do(ada, preview).status_code == 303
    preview = send(
        ada,
        "/setup/purposes/add",
        names__en="Somewhere to live",
        asks__en="Your number",
        keep_days="7",
        team="housing",
    )
    assert "7 days after the team has it" in preview.text
    assert do(ada, preview).status_code == 303
    [purpose] = plan(served).purposes
    assert (purpose.slug, purpose.team, purpose.keep_days) == ("somewhere-to-live", "housing", 7)
    stops = send(ada, "/setup/teams/housing", way="list")
    assert "needs no address" in fault(stops, "address")
    listed = ada.get("/setup/purposes").text
    assert "Housing · kept 7 days" in listed


def test_a_page_elsewhere_is_added_for_kiosks(served: Served, ada: httpx.Client) -> None:
    preview = send(
        ada, "/setup/portals/add", names__en="Vote", url="https://www.example.org/vote", synonyms="election"
    )
    assert do(ada, preview).status_code == 303
    assert [(each.slug, each.synonyms) for each in plan(served).portals] == [("vote", ("election",))]
