"""That everybody must leave the building: any staff may say it from where they stand, every staff page says it, and those who run the floor end it."""

from __future__ import annotations

import re

import httpx
from sqlmodel import select

from server.actions import staff
from server.store.tables import BrowserSession, Staff
from server.store.tx import Tx
from server.web.gate import LOOKS_BY_ITSELF
from tests.server.web.rehearsal import Served, token_in
from wire.vocabulary import Role, new_id

OUT = 'class="everybody-out"'


def press(client: httpx.Client, path: str, do: str) -> httpx.Response:
    """The form for `do` that stands on this page, sent as it is; the last one, which is not the menu's."""
    forms = [
        each
        for each in re.findall(r"<form.*?</form>", client.get(path).text, re.S)
        if f'value="{do}"' in each
    ]
    assert forms, f"{path} has no form for {do}"
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', forms[-1]))
    return client.post("/counter/ask", data=fields)


WHO = (
    ("priya", "/counter", "/counter"),
    ("petra", "/papers", "/"),
    ("max", "/", "/"),
    ("ada", "/admin/house", "/"),
)


def test_any_staff_say_it_where_they_stand_and_those_who_run_the_floor_end_it(served: Served) -> None:
    people = {who: served.signed_in(who) for who in ("priya", "petra", "max", "ada", "grace")}
    ada, greeter = people["ada"], people["grace"]
    for who, where, back in WHO:
        client = people[who]
        assert OUT not in client.get(where).text
        assert press(client, where, "evacuate").headers["location"] == back
        shown = client.get(where).text
        assert OUT in shown
        may_end = who in ("max", "ada")
        assert ("End the evacuation" in shown) is may_end
        assert ("Greeters, managers and administrators end it." in shown) is not may_end
        for each, path in ((ada, "/admin/audit"), (ada, "/"), (greeter, "/floor"), (greeter, "/leaving")):
            assert each.get(path).text.count(OUT) == 1, path
        resume = {"csrf": token_in(shown), "command": new_id(), "do": "resume", "back": "home"}
        assert client.post("/counter/ask", data=resume).status_code == (303 if may_end else 403)
        if not may_end:
            assert press(ada, "/account", "resume").headers["location"] == "/"
        assert OUT not in client.get(where).text
        assert OUT not in ada.get("/").text


def test_the_confirming_step_names_the_building_and_is_good_for_no_other(served: Served) -> None:
    ada = served.signed_in("ada")
    page = ada.get("/").text
    assert "Yes, everybody must leave York House now" in page
    assert f'name="centre" value="{served.ids.centre}"' in page
    elsewhere = {
        "csrf": token_in(page),
        "command": new_id(),
        "do": "evacuate",
        "back": "home",
        "confirmed": "true",
    }
    refused = ada.post("/counter/ask", data={**elsewhere, "centre": str(served.ids.other)})
    assert (refused.status_code, "nothing was done" in refused.text) == (409, True)
    assert OUT not in ada.get("/").text


def test_strangers_are_told_nothing_of_it_and_an_open_page_is_no_use_of_the_session(served: Served) -> None:
    ada = served.signed_in("ada")
    assert press(ada, "/", "evacuate").status_code == 303
    stranger = served.client().get("/leaving")
    assert (stranger.status_code, stranger.text) == (204, "")
    assert "/leaving" in LOOKS_BY_ITSELF


def form_in(page: str, action: str) -> dict[str, str]:
    """What the form that goes to `action` holds."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in each)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


CLOSED = {
    "max": ({"must_change": True}, "/password"),
    "grace": ({"emergency": True}, "/account/second-factor"),
}


def test_who_must_first_choose_a_password_or_set_up_an_app_can_say_it_and_nothing_else(
    served: Served,
) -> None:
    def make(tx: Tx) -> None:
        for name, (closed, _) in CLOSED.items():
            person = tx.session().get_one(Staff, served.ids.staff[name])
            person.sqlmodel_update(closed)
            staff.write_roles(tx, person, served.ids.other, {Role.ADVISER})

    served.run(served.house.change(served.actor("ada"), "test", make))
    ada = served.signed_in("ada")

    def at_the_other(tx: Tx) -> None:
        for session in tx.session().exec(select(BrowserSession)):
            if session.staff_id != served.ids.staff["ada"]:
                session.centre_id = served.ids.other

    for name, (_, where) in CLOSED.items():
        served.signed_in(name)
        served.run(served.house.change(served.actor("ada"), "test", at_the_other))
        client = served.signed_in(name)  # where they were last, and that is another building
        assert client.get("/").headers["location"] == where
        said = form_in(client.get(where).text, "/account/evacuate")
        assert said["centre"] in {str(served.ids.centre), str(served.ids.other)}
        for do in ("resume", "alarm", "announce"):
            tried = {**said, "do": do, "request": new_id(), "centre": str(served.ids.centre)}
            assert client.post("/counter/ask", data=tried).status_code == 303, "they are shown the way"
        assert client.post("/account/evacuate", data={**said, "csrf": "x"}).status_code == 403
        assert client.post("/account/evacuate", data={**said, "centre": "999999"}).status_code == 403
        assert OUT not in ada.get("/").text
        here = {**said, "centre": str(served.ids.centre)}
        for _ in range(2):  # the same page tapped twice
            assert client.post("/account/evacuate", data=here).headers["location"] == "/"
        assert (OUT in ada.get("/").text, OUT in client.get(where).text) == (True, True)
        assert "End the evacuation" not in client.get(where).text
        assert press(ada, "/", "resume").status_code == 303
        assert client.post("/account/evacuate", data=here).status_code == 303
        assert OUT not in ada.get("/").text, "one tap empties a building once, however late it is heard again"
        assert client.get("/counter").headers["location"] == where
