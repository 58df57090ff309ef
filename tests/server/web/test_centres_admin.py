"""A whole centre through the browser: out as a file, in again after a look, and anew as a copy."""

from __future__ import annotations

import html
import tomllib
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select

from server.domain.access import SYSTEM
from server.store.tables import Centre, StaffRole
from server.store.tx import Tx
from server.web.headers import BIG_BODIES
from server.web.pages.centres_admin import MOST_BYTES
from tests.server.web.rehearsal import Served, token_in, token_of
from wire.vocabulary import Role

SAMPLE = Path("server/centrefile/york-house.toml")
IMPORT = "/admin/centres/import"


@pytest.fixture
def admin(served: Served) -> httpx.Client:
    return served.signed_in("ada")


def send(client: httpx.Client, content: bytes, **form: str) -> httpx.Response:
    files = {"file": ("centre.toml", content, "application/toml")}
    return client.post(IMPORT, data={"csrf": token_of(client), **form}, files=files)


def confirm(client: httpx.Client, shown: httpx.Response) -> httpx.Response:
    """Press the button of the page that shows what would be done."""
    text = html.unescape(shown.text.split("<textarea", 1)[1].split(">\n", 1)[1].split("</textarea>")[0])
    form = {"csrf": token_in(shown.text), "text": "\r\n".join(text.splitlines())}
    form["version"] = shown.text.split('name="version" value="')[1].split('"')[0]
    if 'name="with_staff"' in shown.text:
        form["with_staff"] = "yes"
    return client.post("/admin/centres/load", data=form)


def names(served: Served) -> dict[str, str]:
    return {each.slug: each.name for each in served.run(served.house.read(_centres))}


def test_what_is_downloaded_and_sent_back_changes_nothing(served: Served, admin: httpx.Client) -> None:
    first = send(admin, SAMPLE.read_bytes())
    assert confirm(admin, first).headers["location"] == "/admin/centres?loaded=york-house"
    file = admin.get("/admin/centres/york-house/file")
    assert file.headers["content-disposition"] == 'attachment; filename="york-house.toml"'
    again = send(admin, file.content)
    assert again.status_code == 200
    assert "is as this file says already" in again.text
    assert "<textarea" not in again.text


def test_staff_are_in_the_file_only_if_asked_for_and_that_is_written_down(admin: httpx.Client) -> None:
    without = admin.get("/admin/centres/york-house/file")
    assert "staff" not in tomllib.loads(without.text)
    assert "Priya" not in without.text
    people = tomllib.loads(admin.get("/admin/centres/york-house/file?staff=true").text)["staff"]
    assert {person["username"] for person in people} >= {"priya", "ada"}
    assert "argon2" not in str(people)
    assert admin.get("/admin/audit").text.count("Downloaded a centre&#39;s file</td>") == 2


def test_what_would_be_done_is_shown_and_only_then_done(served: Served, admin: httpx.Client) -> None:
    served.visitor("housing")
    shown = send(admin, SAMPLE.read_bytes(), with_staff="yes")
    assert shown.status_code == 200
    for said in ("service find-a-home", "counter desk-4", "service parking", "1 visitor is here now"):
        assert said in shown.text, said
    assert names(served)["york-house"] == "York House"
    assert "find-a-home" not in admin.get("/admin/centres/york-house/file").text
    assert confirm(admin, shown).status_code == 303
    assert "find-a-home" in admin.get("/admin/centres/york-house/file").text
    staff = admin.get("/admin/staff").text
    assert "Needs a one-time password" in staff
    assert staff.index("Ada Kowalska") > 0, "who administers it goes on doing so"


def test_a_look_alone_leaves_no_trace(served: Served, admin: httpx.Client) -> None:
    new = SAMPLE.read_text().replace('slug = "york-house"', 'slug = "brand-new"', 1).encode()
    before = admin.get("/admin/centres/york-house/file").content
    assert "A new centre" in send(admin, new, with_staff="yes").text
    assert list(names(served)) == ["york-house", "elsewhere"]
    assert admin.get("/admin/centres/york-house/file").content == before
    assert "brand-new" not in admin.get("/admin/audit").text


def test_a_file_with_a_new_slug_makes_a_centre_to_work_at(served: Served, admin: httpx.Client) -> None:
    new = SAMPLE.read_text().replace('slug = "york-house"', 'slug = "brand-new"', 1)
    shown = send(admin, new.replace('name = "York House"', 'name = "Brand New"', 1).encode())
    assert "A new centre: Brand New" in shown.text
    assert confirm(admin, shown).status_code == 303
    page = admin.get("/admin/centres?loaded=brand-new").text
    assert "Brand New" in page
    assert "Brand New" in admin.get("/centre").text
    assert "Brand New" not in served.signed_in("olga").get("/admin/centres").text


def test_mistakes_are_told_with_their_lines_and_nothing_is_done(admin: httpx.Client) -> None:
    before = admin.get("/admin/centres/york-house/file").content
    broken = b'slug = "york-house"\nname = 3\ntimezone = "Europe/Nowhere"\n[[service]]\nslug = "X"\n'
    answer = send(admin, broken)
    assert answer.status_code == 422
    assert "Line 2: " in answer.text
    assert "<code>name = 3</code>" in answer.text
    assert admin.get("/admin/centres/york-house/file").content == before


@pytest.mark.parametrize(
    ("content", "status", "say"),
    [
        ("slug = 'a'\nname = 'Caf\xe9'\n".encode("latin-1"), 422, "not UTF-8 text"),
        ("slug = 'a'\n".encode("utf-16"), 422, "not UTF-8 text"),
        (b"", 422, "empty"),
        (b"  \n\n", 422, "empty"),
        (b"PK\x03\x04\x00\x00 not a text \xff\xfe", 422, "not UTF-8 text"),
        (b"a = " + b"[" * 60_000, 422, "Line 1"),
        (b"# a line\n" * 1_000_000, 413, ""),
        (b"# a line\n" * 100_000, 413, "larger than 512 KiB"),
        (b"# a line\n" * 50_000, 422, "Line "),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_to_do(
    admin: httpx.Client, content: bytes, status: int, say: str
) -> None:
    before = admin.get("/admin/centres/york-house/file").content
    answer = send(admin, content)
    assert answer.status_code == status
    assert say in answer.text
    assert admin.get("/admin/centres/york-house/file").content == before


def test_a_form_without_a_file_is_told_so(admin: httpx.Client) -> None:
    answer = admin.post(IMPORT, data={"csrf": token_of(admin)}, files={"other": ("x", b"y")})
    assert answer.status_code == 422
    assert "Choose the file of a centre first." in answer.text


def test_no_more_comes_in_elsewhere_than_before(admin: httpx.Client) -> None:
    assert set(BIG_BODIES) >= {"/admin/centres/"}
    assert BIG_BODIES["/admin/centres/"] > 3 * MOST_BYTES, "a form's encoding makes a byte three"
    for path in ("/admin/staff", "/admin/devices/approve"):
        answer = admin.post(path, data={"csrf": token_of(admin), "name": "x" * 70_000})
        assert answer.status_code == 413, path
    assert "64 KiB" in answer.text


def test_somebody_elses_centre_is_neither_shown_nor_changed(served: Served, admin: httpx.Client) -> None:
    theirs = SAMPLE.read_text().replace('slug = "york-house"', 'slug = "elsewhere"', 1).encode()
    answer = send(admin, theirs)
    assert answer.status_code == 403
    assert "you do not administer it" in answer.text
    assert admin.get("/admin/centres/elsewhere/file").status_code == 404
    assert "Elsewhere" not in admin.get("/admin/centres").text
    assert names(served)["elsewhere"] == "Elsewhere"
    form = {"csrf": token_of(admin), "of": "elsewhere", "slug": "mine", "name": "Mine"}
    assert admin.post("/admin/centres/copy", data=form).status_code == 404


def test_two_who_load_at_once_do_not_overwrite_each_other_unseen(served: Served, admin: httpx.Client) -> None:
    first = send(admin, SAMPLE.read_bytes())
    fewer = SAMPLE.read_text().replace('name = "York House"', 'name = "York House again"', 1).encode()
    second = send(admin, fewer)
    assert confirm(admin, first).status_code == 303
    late = confirm(admin, second)
    assert late.status_code == 409
    assert "Somebody changed" in late.text
    assert "centre york-house" in late.text, "what it would do now is shown"
    assert names(served)["york-house"] == "York House"
    assert confirm(admin, late).status_code == 303
    assert names(served)["york-house"] == "York House again"


def test_a_confirmed_form_that_was_tampered_with_is_read_again(served: Served, admin: httpx.Client) -> None:
    shown = send(admin, SAMPLE.read_bytes())
    form = {"csrf": token_in(shown.text), "version": "1", "text": "slug = 3"}
    assert admin.post("/admin/centres/load", data=form).status_code == 422
    form = {"csrf": token_in(shown.text), "version": "one", "text": SAMPLE.read_text()}
    assert admin.post("/admin/centres/load", data=form).status_code == 409


def test_a_copy_is_made_and_its_maker_may_go_there(served: Served, admin: httpx.Client) -> None:
    form = {"csrf": token_of(admin), "of": "york-house", "slug": "WEST", "name": "West Library"}
    answer = admin.post("/admin/centres/copy", data=form)
    assert answer.headers["location"] == "/admin/centres?made=west"
    assert "West Library</b> is there" in admin.get("/admin/centres?made=west").text
    again = admin.post("/admin/centres/copy", data=form)
    assert again.status_code == 409
    assert "already" in again.text
    assert 'value="West Library"' in again.text
    there = {each.slug: each.id for each in served.run(served.house.read(_centres))}
    choose = {"csrf": token_of(admin), "centre": str(there["west"])}
    assert admin.post("/centre", data=choose).status_code == 303
    shown = admin.get("/admin/staff").text
    assert "Staff of West Library" in shown
    assert "Priya" not in shown
    assert "No device is paired yet." in admin.get("/admin/devices").text


def _centres(session: Session) -> list[Centre]:
    return list(session.exec(select(Centre)))


def test_one_who_administers_two_sees_both_from_either(served: Served, admin: httpx.Client) -> None:
    def add(tx: Tx) -> None:
        tx.session().add(
            StaffRole(staff_id=served.ids.staff["ada"], centre_id=served.ids.other, role=Role.ADMINISTRATOR)
        )

    served.run(served.house.change(SYSTEM, "add", add))
    shown = admin.get("/admin/centres").text
    assert shown.index("<h2>Elsewhere") < shown.index("<h2>York House")
    theirs = SAMPLE.read_text().replace('slug = "york-house"', 'slug = "elsewhere"', 1).encode()
    assert confirm(admin, send(admin, theirs)).status_code == 303
    assert names(served) == {"york-house": "York House", "elsewhere": "York House"}
