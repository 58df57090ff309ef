"""One person's page, as an administrator uses it: what it shows, what it refuses, and what it does not tell."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from server.domain.access import SYSTEM
from server.store.tables import StaffRole
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, Served, sign_in, token_of
from tests.support.waiting import until
from wire import asks
from wire.vocabulary import Role


def post(client: httpx.Client, path: str, **form: object) -> httpx.Response:
    return client.post(path, data={"csrf": token_of(client), **form})


def page_of(served: Served, who: str) -> str:
    return f"/admin/staff/{served.ids.staff[who]}"


def give_role(served: Served, who: str, centre: int, role: Role) -> None:
    def add(tx: Tx) -> None:
        tx.session().add(StaffRole(staff_id=served.ids.staff[who], centre_id=centre, role=role))

    served.run(served.house.change(SYSTEM, "give_role", add))


def test_the_list_says_who_sits_where_and_what_they_can_do(served: Served) -> None:
    admin = served.signed_in("ada")
    skills = {"languages": ["gu"], "services": ["housing"], "signs": "yes"}
    assert post(admin, page_of(served, "priya") + "/skills", **skills).status_code == 303
    served.sit("priya", "desk-2", ("housing",))
    row = admin.get("/admin/staff").text.split("Priya Shah", 1)[1].split("</tr>")[0]
    for word in ("Adviser", "Gujarati", "Signs", "1 service only", "Desk 2", "Never"):
        assert word in row, word
    served.signed_in("priya")
    assert "Never" not in admin.get("/admin/staff").text.split("Priya Shah", 1)[1].split("</tr>")[0]


def test_last_seen_is_when_they_last_did_something(served: Served) -> None:
    hands = served.set_clock(NOON)
    grace = served.signed_in("grace")
    hands.turn(timedelta(minutes=10))
    grace.get("/floor")
    row = served.signed_in("ada").get("/admin/staff").text.split("Grace Obi", 1)[1].split("</tr>")[0]
    assert "3 Nov 12:10" in row


def test_a_name_is_changed_everywhere_and_must_fit(served: Served) -> None:
    admin = served.signed_in("ada")
    path = page_of(served, "priya") + "/name"
    assert post(admin, path, name="  Priya\u202e Shah-Jones ").status_code == 303
    assert "Priya Shah-Jones" in admin.get("/admin/staff").text
    for name, say in (
        ("", "as colleagues know it"),
        ("x" * 300, "at most 80 fit"),
        ("\u200e", "as colleagues"),
    ):
        answer = post(admin, path, name=name)
        assert answer.status_code == 422
        assert say in answer.text
    assert "Priya Shah-Jones" in admin.get(page_of(served, "priya")).text


@pytest.mark.parametrize("username", ["પ્રિયા", "прия", "priya shah", "p", "p" * 300, "priya\u0000s/../x"])
def test_a_user_name_of_another_kind_is_refused_whole(served: Served, username: str) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, "/admin/staff", username=username, name="Somebody", roles="adviser")
    assert answer.status_code == 422
    assert "letters from a to z" in answer.text
    assert "Somebody" not in admin.get("/admin/staff").text


def test_a_name_in_another_script_is_a_name(served: Served) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, "/admin/staff", username="priya.p", name="પ્રિયા પટેલ", roles="adviser")
    assert answer.status_code == 200
    assert "પ્રિયા પટેલ" in answer.text


def test_the_only_administrator_keeps_the_role_and_the_account(served: Served) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, page_of(served, "ada") + "/roles", roles="greeter")
    assert answer.status_code == 403
    assert "the only administrator" in answer.text
    answer = post(admin, page_of(served, "ada") + "/disable")
    assert answer.status_code == 403
    assert "cannot disable your own account" in answer.text
    assert admin.get("/admin/staff").status_code == 200


def test_a_role_taken_while_serving_ends_within_seconds_and_loses_nobody(served: Served) -> None:
    ticket, code, _ = served.visitor()
    served.sit("priya", "desk-1", ("council-tax",))
    priya, admin = served.signed_in("priya"), served.signed_in("ada")
    served.ask(served.actor("priya"), asks.CallNext())
    served.ask(served.actor("priya"), asks.Arrive(ticket=ticket))
    assert code in priya.get("/counter").text
    assert post(admin, page_of(served, "priya") + "/roles", roles="greeter").status_code == 303
    until(lambda: priya.get("/counter").status_code == 403, 5, "the role's end")
    finish = {"do": "finish", "ticket": ticket, "outcome": "resolved"}
    assert post(priya, "/counter/ask", **finish).status_code in (403, 409, 422)
    served.sit("tom", "desk-1", ("council-tax",))
    served.ask(served.actor("tom"), asks.Unpark(ticket=ticket))
    assert code in served.signed_in("tom").get("/counter").text


def test_who_works_elsewhere_gets_roles_here_by_their_exact_user_name(served: Served) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, "/admin/staff/join", username=" OLGA ", roles=["greeter"])
    assert answer.status_code == 303
    shown = admin.get(answer.headers["location"]).text
    assert "Olga Berg" in shown
    assert "a centre that you do not administer" in shown
    assert "Elsewhere" not in shown, "which one is not hers to know"
    olga = served.signed_in("olga")
    assert "York House" in olga.get("/centre").text
    for path in ("/name", "/reset", "/disable"):
        refused = post(admin, f"/admin/staff/{served.ids.staff['olga']}{path}", name="Mine")
        assert refused.status_code == 403
        assert "administers both centres" in refused.text
    give_role(served, "ada", served.ids.other, Role.ADMINISTRATOR)
    shown = admin.get(f"/admin/staff/{served.ids.staff['olga']}").text
    assert "Elsewhere" in shown
    assert "do not administer" not in shown


def test_nobody_finds_out_by_trying_who_works_for_the_council(served: Served) -> None:
    admin = served.signed_in("ada")
    token = token_of(admin)

    def join(username: str) -> httpx.Response:
        return admin.post("/admin/staff/join", data={"csrf": token, "username": username, "roles": "greeter"})

    told = {join(f"olg{letter}").text.split('class="said">')[1].split("<")[0] for letter in "bcdef"}
    assert len(told) == 1
    assert "exactly this user name" in told.pop()
    for _ in range(15):
        assert join("nobody").status_code == 404
    answer = join("olga")
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text
    assert "Olga Berg" not in admin.get("/admin/staff").text


def test_who_works_here_already_is_not_given_roles_twice(served: Served) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, "/admin/staff/join", username="priya", roles=["administrator"])
    assert answer.status_code == 409
    assert "Priya Shah works here already" in answer.text
    assert 'value="administrator" checked' not in admin.get(page_of(served, "priya")).text


def test_another_centres_person_is_as_if_not_there(served: Served) -> None:
    olga = served.signed_in("olga")
    for path in ("", "/name", "/skills", "/roles", "/enable"):
        address = page_of(served, "priya") + path
        answer = olga.get(address) if not path else post(olga, address, name="Mine", roles="adviser")
        assert answer.status_code == 404, path
        assert "Priya" not in answer.text, path
        assert "no such account at this centre" in answer.text, path


def test_no_role_at_all_takes_them_off_the_list_and_enabling_lets_them_in_again(served: Served) -> None:
    admin = served.signed_in("ada")
    assert post(admin, page_of(served, "max") + "/roles").headers["location"] == "/admin/staff"
    assert "Max Lee" not in admin.get("/admin/staff").text
    assert post(admin, page_of(served, "tom") + "/disable").status_code == 303
    assert sign_in(served.client(), "tom").status_code == 403
    assert post(admin, page_of(served, "tom") + "/enable").status_code == 303
    assert sign_in(served.client(), "tom").status_code == 303


def test_the_right_to_discreet_visits_is_a_role_like_another(served: Served) -> None:
    admin = served.signed_in("ada")
    form = {"username": "noor", "name": "Noor Khan", "roles": ["adviser", "discreet"]}
    assert post(admin, "/admin/staff", **form).status_code == 200
    assert "Adviser, Discreet visits" in admin.get("/admin/staff").text


def test_a_session_that_disabling_ended_does_not_come_back_with_the_account(served: Served) -> None:
    grace, ada = served.signed_in("grace"), served.signed_in("ada")
    path = f"/admin/staff/{served.ids.staff['grace']}"
    assert grace.get("/greeter").status_code == 200
    for deed in ("disable", "enable"):
        assert ada.post(f"{path}/{deed}", data={"csrf": token_of(ada)}).status_code == 303
        assert grace.get("/greeter").status_code == 303, "to the sign-in page"
