"""Who may use the greeter's tablet, and where."""

from __future__ import annotations

import pytest

from tests.server.web.rehearsal import Served, token_of
from wire.vocabulary import new_id


@pytest.mark.parametrize(
    ("who", "status"), [("grace", 200), ("max", 200), ("priya", 403), ("ada", 403), ("olga", 200)]
)
def test_who_has_the_tablet(served: Served, who: str, status: int) -> None:
    client = served.signed_in(who)
    for path in ("/greeter", "/greeter/now"):
        assert client.get(path).status_code == status, path


def test_a_greeter_of_another_centre_sees_and_changes_nothing_here(served: Served) -> None:
    ticket, code, _ = served.visitor("council-tax")
    client = served.signed_in("olga")
    assert code not in client.get("/greeter").text
    assert client.get(f"/floor/ticket/{ticket}").status_code == 404
    assert client.get(f"/greeter/arrived/{ticket}").status_code == 303


def test_what_a_visitor_also_used_is_counted_from_their_sheet(served: Served) -> None:
    ticket, _, _ = served.visitor("council-tax")
    client = served.signed_in("grace")
    sheet = client.get(f"/floor/ticket/{ticket}").text
    assert f'id="count-{ticket}"' in sheet
    form = {
        "csrf": token_of(client),
        "do": "count",
        "ticket": ticket,
        "tally": new_id(),
        "activity": "telephone",
        "back": "greeter",
    }
    assert client.post("/counter/ask", data=form).status_code == 303
    again = client.post("/counter/ask", data={**form, "tally": new_id()})
    assert (again.status_code, "Nothing is counted twice." in again.text) == (409, True)
    private, _, _ = served.visitor("council-tax", discreet=True)
    assert f'id="count-{private}"' not in client.get(f"/floor/ticket/{private}").text
