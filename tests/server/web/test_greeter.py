"""Who may use the greeter's tablet, and where."""

from __future__ import annotations

import pytest

from tests.server.web.rehearsal import Served


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
