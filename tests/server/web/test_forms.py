"""What every answer carries and every form needs; what is refused, and how it is said."""

from __future__ import annotations

import pytest

from server.web.headers import MAX_BODY_BYTES
from tests.server.web.rehearsal import Served, token_of
from wire import asks
from wire.vocabulary import new_id


def test_every_answer_is_safe_for_a_browser(served: Served) -> None:
    client = served.signed_in("amina")
    pages = ("/counter", "/floor", "/password", "/nowhere", "/static/staff.css", "/display", "/admin/staff")
    for answer in (
        *(client.get(path) for path in pages),
        served.client().get("/counter"),
        served.client().get("/sign-in"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "object-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "script-src 'self'" in policy.split("; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "camera=()" in answer.headers["permissions-policy"]


def test_pages_about_people_are_not_kept(served: Served) -> None:
    client = served.signed_in("ada")
    for path in ("/", "/admin/staff", "/admin/devices", "/admin/audit", "/password", "/nowhere"):
        assert client.get(path).headers["cache-control"] == "no-store", path
    assert client.get("/static/staff.css").headers["cache-control"] == "no-cache"


def test_no_page_holds_inline_script_or_style(served: Served) -> None:
    served.visitor(minutes_ago=30)
    served.sit("amina")
    served.ask(served.actor("amina"), asks.CallNext())
    for who, paths in {
        "amina": ("/counter", "/floor"),
        "ada": ("/", "/admin/staff", "/admin/devices", "/admin/audit"),
    }.items():
        client = served.signed_in(who)
        for path in paths:
            text = client.get(path).text
            assert "<script>" not in text, path
            assert " style=" not in text, path
            assert " onclick=" not in text, path


@pytest.mark.parametrize("how", ["missing", "wrong", "another session's"])
def test_a_form_without_its_token_changes_nothing(served: Served, how: str) -> None:
    served.visitor()
    served.sit("priya")
    client = served.signed_in("priya")
    token = {"missing": "", "wrong": "x" * 43, "another session's": token_of(served.signed_in("tom"))}[how]
    answer = client.post("/counter/ask", data={"csrf": token, "do": "call_next"})
    assert answer.status_code == 403
    assert "open for too long" in answer.text
    assert "Call next" in client.get("/counter").text


def test_a_form_sent_by_another_site_changes_nothing(served: Served) -> None:
    served.sit("priya")
    client = served.signed_in("priya")
    form = {"csrf": token_of(client), "do": "get_up"}
    answer = client.post("/counter/ask", data=form, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_the_same_form_sent_twice_happens_once(served: Served) -> None:
    served.visitor()
    served.visitor()
    served.sit("priya")
    client = served.signed_in("priya")
    form = {"csrf": token_of(client), "do": "call_next", "command": new_id()}
    for _ in range(2):
        assert client.post("/counter/ask", data=form).status_code == 303
    waiting = client.get("/counter").text.split('id="waiting-h"')[1]
    assert '<span class="count">1</span>' in waiting.split("</h2>")[0]


def test_a_refusal_comes_back_on_the_page_with_its_sentence(served: Served) -> None:
    served.sit("priya")
    client = served.signed_in("priya")
    answer = client.post("/counter/ask", data={"csrf": token_of(client), "do": "call_next"})
    assert answer.status_code == 409
    assert "Nobody is waiting for what you serve." in answer.text
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "fly"},
        {"do": "finish", "ticket": "0" * 32},
        {"do": "finish", "ticket": "../../etc", "outcome": "resolved"},
        {"do": "sit_down", "counter": "desk-1"},
        {"do": "issue"},
        {"do": "add_note", "ticket": "0" * 32, "note": "x" * 501},
        {"do": "call_next", "unknown": "field"},
    ],
)
def test_a_form_that_is_not_an_ask_is_refused_plainly(served: Served, form: dict[str, str]) -> None:
    client = served.signed_in("priya")
    answer = client.post("/counter/ask", data={"csrf": token_of(client), **form})
    assert answer.status_code == 422
    assert "Something is missing" in answer.text


def test_hostile_text_in_a_note_is_shown_as_text(served: Served) -> None:
    served.visitor()
    served.sit("priya")
    called = served.ask(served.actor("priya"), asks.CallNext())
    client = served.signed_in("priya")
    note = "<script>alert(1)</script> \u202eevil\u202c \x07 & co"
    form = {"csrf": token_of(client), "do": "add_note", "ticket": called.result["ticket"], "note": note}
    assert client.post("/counter/ask", data=form).status_code == 303
    text = client.get("/counter").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; evil &amp; co" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_more_than_64_kib_is_refused_before_it_is_read(served: Served) -> None:
    client = served.signed_in("priya")
    answer = client.post(
        "/counter/ask",
        content=b"a=" + b"x" * MAX_BODY_BYTES,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert "64 KiB" in answer.text

    def drip():
        for _ in range(70):
            yield b"x" * 1024

    dripped = client.post(
        "/counter/ask", content=drip(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert dripped.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nowhere", 404, "There is no such page"),
        ("PUT", "/counter", 405, "cannot be used in that way"),
        ("GET", "/docs", 404, "There is no such page"),
        ("GET", "/openapi.json", 404, "There is no such page"),
        ("GET", "/static/../staff.py", 404, "There is no such page"),
        ("GET", "/static/%2e%2e/gate.py", 404, "There is no such page"),
        ("GET", "/admin/audit?day=yesterday", 200, "Audit"),
        ("GET", "/floor/ticket/nothing", 403, "have the right"),
    ],
)
def test_what_is_not_to_be_had_is_said_in_a_plain_sentence(
    served: Served, method: str, path: str, status: int, said: str
) -> None:
    answer = served.signed_in("ada").request(method, path)
    assert answer.status_code == status
    assert said in answer.text
    assert "Traceback" not in answer.text


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    client = served.signed_in("ada")

    async def broken(*_arguments: object) -> None:
        raise RuntimeError("secret inside")

    served.house.read = broken
    answer = client.get("/admin/staff")
    assert answer.status_code == 500
    assert "Something went wrong on the server" in answer.text
    assert "secret inside" not in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == (
        "nosniff",
        "no-referrer",
    )
    (told,) = [each for each in caplog.records if each.name == "foyer.web"]
    assert told.getMessage() == "GET /admin/staff failed", "the log tells what it was, and where"
    assert told.exc_info is not None
    assert told.exc_info[0] is RuntimeError


def test_a_program_is_answered_in_json(served: Served) -> None:
    answer = served.client().get("/floor", headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json() == {"refusal": {"code": "not_signed_in", "say": "Sign in first."}}


def test_the_audit_says_who_did_what_and_from_where(served: Served) -> None:
    served.visitor()
    client = served.signed_in("amina")
    token = token_of(client)
    client.post(
        "/counter/ask", data={"csrf": token, "do": "sit_down", "counter": "desk-2", "services": "council-tax"}
    )
    client.post("/counter/ask", data={"csrf": token, "do": "call_next"})
    page = served.signed_in("max").get("/admin/audit").text
    rows = [" ".join(row.split("</tr>")[0].replace("</td>", " ").split()) for row in page.split("<tr>")[2:]]
    assert any(
        "Amina Patel" in row and "Called" in row and "K01" in row and "Desk 2, 127.0.0.1" in row
        for row in rows
    )
    assert any("Amina Patel" in row and "Signed in" in row for row in rows)
    only = served.signed_in("max").get("/admin/audit", params={"who": served.ids.staff["max"]}).text
    assert "K01" not in only
    earlier = served.signed_in("max").get("/admin/audit", params={"day": "2020-02-02"}).text
    assert "Nothing was done on this day." in earlier
