"""Administrators see what is wrong with the house; managers are told to tell them; and it goes from the page when it is right again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.actions.backup_runs import Told, agree, begin, fail
from server.actions.paper_keys import key_file
from server.actions.troubles import note_trouble, write_down
from server.backups.shelf import DAMAGED
from server.domain.access import SYSTEM
from server.domain.troubles import fine
from server.jobs.heartbeat import beat
from server.jobs.looking_after import look
from server.store.tx import Tx
from tests.server.web.rehearsal import Served, serving

SAY = "The certificate of queue.test has expired: nobody can open a page."


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from server.store.schema import migrate_address

    folder: Path = tmp_path_factory.mktemp("house")
    migrate_address(f"sqlite:///{folder}/foyer.db")
    with serving(f"sqlite:///{folder}/foyer.db", data=folder) as running:
        yield running


def test_a_grave_trouble_is_told_to_each_as_it_concerns_them(served: Served) -> None:
    served.run(
        served.house.change(
            SYSTEM, "note", lambda tx: note_trouble(tx, "certificate", SAY, "Renew it.", grave=True)
        )
    )
    served.run(beat(served.house))
    with closing(served.signed_in("ada")) as ada, closing(served.signed_in("max")) as manager:
        page = ada.get("/admin/house").text
        assert SAY in page
        assert "<b>What to do:</b> Renew it." in page
        assert "1 thing is wrong" in page
        assert '<a href="/admin/house">Something is wrong' in ada.get("/").text
        assert "Tell your administrator: The certificate" in manager.get("/").text
        assert manager.get("/admin/house").status_code == 403
        with closing(served.signed_in("grace")) as greeter:
            assert "certificate" not in greeter.get("/").text
        served.run(
            served.house.change(
                SYSTEM, "note", lambda tx: write_down(tx, [fine("certificate", "It ends in 80 days.")])
            )
        )
        served.run(beat(served.house))
        assert SAY not in ada.get("/admin/house").text
        assert "Something is wrong" not in ada.get("/").text


def test_the_minutes_look_is_written_down_and_shown(served: Served) -> None:
    done: dict[str, float] = {}
    found = {verdict.subject: verdict for verdict in served.run(look(served.house, done))}
    assert found["database"].say.endswith(").")
    served.house.process.did("doctor")
    with closing(served.signed_in("ada")) as ada:
        page = ada.get("/admin/house").text
        assert found["public address"].say in page, "it is worth knowing that there is none"
        assert "Looked over at" in page
        assert "foyer.db opens" in page
        assert "None was made yet." in page
    again = {verdict.subject for verdict in served.run(look(served.house, done))}
    assert again == set(), "nothing is due again so soon"


def test_what_cannot_be_written_down_is_shown_all_the_same(served: Served) -> None:
    """The database's file can grow no more: the page that should say what is wrong reads what is written."""
    house = served.house

    def fill(tx: Tx) -> None:
        pages = tx.sql.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.sql.connection.exec_driver_sql("CREATE TABLE heap (what)")
        tx.sql.connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON trouble BEGIN INSERT INTO heap VALUES (zeroblob(9000000)); END"
        )
        tx.sql.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 50}")

    key = key_file(house.settings)
    kept = key.read_bytes()
    with closing(served.signed_in("ada")) as ada:
        served.run(house.change(SYSTEM, "fill", fill))
        key.write_text("a line that is no key\n")
        found = {each.subject: each for each in served.run(look(house, {}))}["key of papers"]
        assert found.grave
        page = ada.get("/admin/house").text
        assert page.count(found.act or found.say[:40]) >= 1
        assert "1 thing is wrong" in page
        assert "Something is wrong" in ada.get("/").text

        def make_room(tx: Tx) -> None:
            tx.sql.connection.exec_driver_sql("DROP TRIGGER full")

        served.run(house.change(SYSTEM, "room", make_room))
        served.run(look(house, {}))
        assert "1 thing is wrong" in ada.get("/admin/house").text, "it is written down now, and shown once"
        key.write_bytes(kept)
        served.run(look(house, {}))
        served.run(beat(house))
        assert "1 thing is wrong" not in ada.get("/admin/house").text


def test_each_backup_says_what_became_of_it(served: Served) -> None:
    now = served.house.clock.micros()

    def rows(tx: Tx) -> None:
        sound, hurt = (
            Told(f"{n:032x}", f"{n}.age", now + n, now, 2048, "", at, say)
            for n, at, say in ((1, now, ""), (2, None, DAMAGED))
        )
        agree(tx, [sound, hurt])
        agree(tx, [hurt])
        begin(tx, "f" * 32)
        fail(tx, "f" * 32, "The disk is full.")

    served.run(served.house.change(SYSTEM, "agree", rows))
    with closing(served.signed_in("ada")) as ada:
        shown = " ".join(re.sub(r"<[^>]+>", " ", ada.get("/admin/house").text).split())
    assert "; not there any more since" in shown
    assert f"made, and damaged since. {DAMAGED} 2.0 kB" in shown
    assert "failed. The disk is full. none" in shown
