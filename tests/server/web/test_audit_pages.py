"""The audit a page at a time, and what it can be narrowed to."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from server.actions.troubles import note_trouble
from server.clock import from_micros
from server.domain.access import SYSTEM
from server.jobs.sealing_audit import Sealer
from server.store.tables import Audit
from server.store.tx import Tx
from server.web.labels import deed
from server.web.pages import audit
from tests.server.web.rehearsal import NOON, Served
from wire import asks


def entries(client: httpx.Client, query: str = "") -> list[str]:
    """What each line says was done, newest first."""
    text = client.get(f"/admin/audit?{query}").text
    body = text.split("<tbody>")[1] if "<tbody>" in text else ""
    return [re.sub("<.*?>", "", row.split("</td>")[2]).strip() for row in body.split("<tr>")[1:]]


def write_many(served: Served, what: str, count: int, days_ago: int = 0) -> None:
    def add(tx: Tx) -> None:
        for number in range(count):
            at = from_micros(tx.now) - timedelta(days=days_ago, seconds=number)
            tx.session().add(
                Audit(
                    centre_id=served.ids.centre,
                    at=at,
                    staff_id=served.ids.staff["priya"],
                    what=what,
                    about=f"A{number:02d}",
                )
            )

    served.run(served.house.change(SYSTEM, "write", add))


def test_every_entry_is_on_one_page_and_on_one_only(served: Served) -> None:
    served.set_clock(NOON)
    write_many(served, "looked at a discreet visit", 230)
    client = served.signed_in("max")
    pages = [entries(client, f"sheet={sheet}") for sheet in (1, 2, 3)]
    assert [len(page) for page in pages] == [100, 100, 31]
    assert pages[0][0] == "Signed in"
    first, last = (client.get(f"/admin/audit?sheet={sheet}").text for sheet in (1, 3))
    assert ("Older" in first, "Newer" in first) == (True, False)
    assert ("Older" in last, "Newer" in last) == (False, True)
    shown = {
        code
        for sheet in (1, 2, 3)
        for code in re.findall(r">(A\d+)<", client.get(f"/admin/audit?sheet={sheet}").text)
    }
    assert len(shown) == 230


def test_a_kind_of_deed_is_found_among_a_months_others(served: Served) -> None:
    served.set_clock(NOON)
    write_many(served, "looked at a discreet visit", 2, days_ago=20)
    write_many(served, "sit down", 150)
    client = served.signed_in("max")
    looks = "what=deed:looked at a discreet visit"
    assert entries(client, looks) == []
    assert entries(client, f"{looks}&days=31") == [deed("looked at a discreet visit")] * 2
    assert entries(client, f"{looks}&days=7") == []
    assert entries(client, f"{looks}&days=31&who={served.ids.staff['max']}") == []
    assert len(entries(client, f"{looks}&days=31&who={served.ids.staff['priya']}")) == 2


def test_steps_of_tickets_are_a_kind_too(served: Served) -> None:
    served.visitor()
    served.sit("priya")
    served.ask(served.actor("priya"), asks.CallNext())
    client = served.signed_in("max")
    assert entries(client, "what=step:call") == ["Called"]
    assert entries(client, "what=step:finish") == []
    assert "Sat down" in entries(client, "what=deed:sit down")


def test_nonsense_in_the_address_is_the_usual_page(served: Served) -> None:
    client = served.signed_in("max")
    usual = entries(client)
    for query in ("day=x&who=x&days=x&sheet=x", "days=3000", "sheet=0", "who=99999999999", "day=9999-12-31"):
        assert entries(client, query) == usual or entries(client, query) == [], query
    assert entries(client, "days=3000") == usual
    assert client.get(f"/admin/audit?sheet={10**8 - 1}").status_code == 200
    assert entries(client, "what=deed:<script>") == []
    assert "<script>" not in client.get("/admin/audit?what=deed:<script>").text


def test_another_centres_deeds_are_not_there(served: Served) -> None:
    write_many(served, "looked at a discreet visit", 3)
    assert entries(served.signed_in("olga"), "days=31") == ["Signed in"]


def test_how_deep_it_goes_is_bounded_and_said(served: Served, monkeypatch) -> None:
    monkeypatch.setattr(audit, "DEEPEST", 2)
    write_many(served, "sit down", 250)
    text = served.signed_in("max").get("/admin/audit?sheet=2").text
    assert "There is more than can be shown at once." in text
    assert "Older" not in text


def test_it_says_how_far_it_is_sealed_and_what_does_not_fit(served: Served) -> None:
    client = served.signed_in("max")
    sealer = Sealer(served.house)
    served.run(sealer.round())
    served.run(sealer.check_when_due())
    shown = client.get("/admin/audit").text
    assert "Deeds are sealed up to" in shown
    assert "Foyer looked through the whole chain up to link" in shown
    assert "note-box" not in shown
    note = "Row 2 was changed after it was sealed in link 1."
    served.run(
        served.house.change(SYSTEM, "note", lambda tx: note_trouble(tx, "audit does not fit", note, "See."))
    )
    assert note in client.get("/admin/audit").text
