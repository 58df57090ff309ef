"""The chain over a real house on both databases: rows that commit late, two servers at once, every way to tamper with it, and erasing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from server.actions import sealing
from server.actions.audit_anchor import add_anchor, last_anchor, read_anchor
from server.actions.audit_keys import AuditKeys, AuditKeysUnusable, add_audit_key, open_audit_keys
from server.backups.manifest import Label
from server.backups.snapshot import take
from server.cli_audit import Result, look, told
from server.domain.access import SYSTEM
from server.domain.audit_chain import Head, Key, make_link
from server.edge import House
from server.jobs.erasing import erase_due
from server.jobs.sealing_audit import DOES_NOT_FIT, NOT_SEALED, WENT_BACK, Sealer
from server.live.process import Process
from server.store.database import Database, open_database
from server.store.queries import audit_chain as chain
from server.store.sql import Sql
from server.store.tx import Tx
from tests.support.house import Rehearsal, running_house

LINKS, ROWS = 5, 3


@dataclass
class Sealed:
    """A house whose audit is sealed in five links of three rows."""

    rehearsal: Rehearsal
    keys: AuditKeys
    keys_at: Path

    @property
    def house(self) -> House:
        return self.rehearsal.house


@pytest.fixture
async def sealed(database_url: str, tmp_path: Path) -> AsyncIterator[Sealed]:
    path = tmp_path / "keys" / "audit.key"
    async with running_house(database_url, audit_keys=path) as rehearsal:
        keys = open_audit_keys(path, may_make=True)
        for number in range(LINKS):
            await write(rehearsal, f"deed {number}", ROWS)
            rehearsal.clock.go(seconds=5)
            await rehearsal.house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=keys))
        yield Sealed(rehearsal, keys, path)


async def write(rehearsal: Rehearsal, what: str, rows: int = 1) -> None:
    def some(tx: Tx) -> None:
        for number in range(rows):
            tx.audit(
                what, f"thing:{number}", share=0.1, many=2**60, name="Ünïcode \u2028 🎟", b=1, a=[None, True]
            )

    await rehearsal.house.change(rehearsal.people["ada"], "test", some)


class Attacked:
    """What somebody who may write to the database has made of it, before it is put back."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self.connection

    def run(self, statement: str, **values: object) -> None:
        self.connection.execute(text(statement), values)


@contextmanager
def attacked(database: Database) -> Iterator[Attacked]:
    with database.writer.connect() as connection:
        change = connection.begin()
        yield Attacked(connection)
        change.rollback()


def judged(where: Attacked, keys: AuditKeys, anchor: Head | None = None) -> list[str]:
    result = look(where, dict(keys.known), anchor)
    assert result.fits == (not any(each.grave for each in result.findings))
    return [each.say for each in result.findings]


async def test_every_way_to_tamper_with_it_is_found_and_named(sealed: Sealed) -> None:
    other = open_database(sealed.house.settings.database, alone=False)
    try:
        for name, (statements, expected) in ATTACKS.items():
            with attacked(other) as where:
                for statement in statements:
                    where.run(statement)
                found = judged(where, sealed.keys)
                assert expected in " ".join(found), (name, found)
        with attacked(other) as where:
            where.run("INSERT INTO audit (at, what, about, address, detail) VALUES (1, 'x', '', '', '{}')")
            assert sealing.seal_some(Tx(Sql(where.connection), SYSTEM, 5), sealed.keys) is not None
        with attacked(other) as where:
            assert judged(where, sealed.keys) == [], (
                "a sealing that is killed before its commit leaves nothing"
            )
    finally:
        other.close()


_FORGE_ROW = """INSERT INTO audit (id, centre_id, at, staff_id, what, about, address, detail, seal)
SELECT {id}, centre_id, at, staff_id, what, about, address, detail, {seal} FROM audit WHERE id = 7"""
ATTACKS = {
    "a detail": (["""UPDATE audit SET detail = '{"share": 0.1}' WHERE id = 5"""], "Row 5 was changed after it was sealed in link 2."),
    "a detail by the smallest step of a number": (
        ["UPDATE audit SET detail = CAST(REPLACE(CAST(detail AS TEXT), '0.1', '0.10000000000000002') AS JSON) WHERE id = 5"],
        "Row 5 was changed",
    ),
    "an instant by a microsecond": (["UPDATE audit SET at = at + 1 WHERE id = 1"], "Row 1 was changed after it was sealed in link 1."),
    "a person": (["UPDATE audit SET staff_id = 1 WHERE id = 15"], "Row 15 was changed after it was sealed in link 5."),
    "nobody": (["UPDATE audit SET staff_id = NULL WHERE id = 15"], "Row 15 was changed"),
    "a row in the middle": (["DELETE FROM audit WHERE id = 8"], "Row 8 was taken out of link 3."),
    "the last row": (["DELETE FROM audit WHERE id = 15"], "Row 15 was taken out of link 5."),
    "a whole link's rows": (["DELETE FROM audit WHERE seal = 3"], "Rows 7, 8, 9 were taken out of link 3."),
    "a whole link": (["DELETE FROM audit WHERE seal = 3", "DELETE FROM audit_seal WHERE id = 3"], "Link 3 is missing"),
    "the beginning": (["DELETE FROM audit WHERE seal <= 2", "DELETE FROM audit_seal WHERE id <= 2"], "Links 1 to 2 are missing"),
    "the rows of the end, whose link is gone": (["DELETE FROM audit_seal WHERE id = 5"], "the end of the chain was taken out"),
    "put in": ([_FORGE_ROW.format(id=99, seal=3)], "Row 99 was put into link 3 after it was sealed."),
    "put in where no link can be": ([_FORGE_ROW.format(id=98, seal=0)], "name a link that is not there"),
    "reordered": (
        ["UPDATE audit SET id = 1000 WHERE id = 7", "UPDATE audit SET id = 7 WHERE id = 8", "UPDATE audit SET id = 8 WHERE id = 1000"],
        "Row 7 was changed after it was sealed in link 3. Row 8 was changed",
    ),
    "moved to another link": (["UPDATE audit SET seal = 4 WHERE id = 7"], "Row 7 was taken out of link 3. Row 7 was put into link 4"),
    "to be sealed anew": (["UPDATE audit SET seal = NULL, what = 'other' WHERE id = 7"], "Row 7 was taken out of link 3."),
    "called erased": (["UPDATE audit_seal SET erased_at = 1 WHERE id = 2", "DELETE FROM audit WHERE seal = 2"], "the house never did"),
    "called erased, by the word of another": (
        ["UPDATE audit_seal SET erased_at = made_at, erased = hash WHERE id = 2", "DELETE FROM audit WHERE seal = 2"],
        "the house never did",
    ),
    "a link's number of rows": (
        ["UPDATE audit_seal SET rows = 2 WHERE id = 2", "DELETE FROM audit WHERE id = 6"],
        "Link 2 was not sealed as it stands now",
    ),
    "when its rows are due": (["UPDATE audit_seal SET newest_at = 1 WHERE id = 2"], "Link 2 was not sealed as it stands now"),
    "the links' order": (
        ["UPDATE audit_seal SET id = 100 WHERE id = 2", "UPDATE audit_seal SET id = 2 WHERE id = 3", "UPDATE audit_seal SET id = 3 WHERE id = 100"],
        "Link 2 does not continue link 1",
    ),
    "marks, to blame another row": (["UPDATE audit_seal SET marks = '' WHERE id = 2", "UPDATE audit SET at = 1 WHERE id = 5"], "Row 5 was put into link 2"),
}  # fmt: skip
"""By what is tampered with: what is done, and a sentence that must be found."""


async def test_made_anew_without_the_key_it_does_not_fit(sealed: Sealed) -> None:
    """Who knows the program makes a whole new chain over rows that suit them, and says that our key made it."""
    ours, other = sealed.keys.sealing, open_database(sealed.house.settings.database, alone=False)
    with attacked(other) as where:
        where.run("UPDATE audit SET staff_id = NULL WHERE id = 4")
        old = chain.some_links(where.connection, 0)
        before = None
        for link, rows in old:
            made = make_link(Key(b"guessed" * 5), before, link.previous, rows, link.made_at)
            before = Head(made.id, made.hash, made.made_at)
            where.run(
                "UPDATE audit_seal SET previous = :previous, content = :content, hash = :hash, marks = :marks WHERE id = :id",
                previous=made.previous, content=made.content, hash=made.hash, marks=made.marks, id=made.id,
            )  # fmt: skip
        assert before is not None
        found = judged(where, sealed.keys)
        assert len([each for each in found if "made without the key" in each]) == LINKS
        where.run("UPDATE audit_seal SET key = 'another'")
        assert all("not in the key file" in each for each in judged(where, sealed.keys))
    other.close()
    assert ours in sealed.keys.keys


async def test_an_older_copy_of_all_is_found_by_the_anchor_only(sealed: Sealed, tmp_path: Path) -> None:
    anchor_file = tmp_path / "anchor"
    head = await sealed.house.look(chain.head)
    assert head is not None
    add_anchor(anchor_file, Head(1, "0" * 64, head.made_at))
    add_anchor(anchor_file, head)
    with anchor_file.open("a") as file:
        file.write("2026-11-24T10:00:00Z 7 half a li")
    anchor = last_anchor(anchor_file)
    assert anchor == read_anchor(str(head)) == Head(5, head.hash, 0)
    other = open_database(sealed.house.settings.database, alone=False)
    with attacked(other) as where:
        assert judged(where, sealed.keys, anchor) == []
        where.run("DELETE FROM audit WHERE seal > 3")
        where.run("DELETE FROM audit_seal WHERE id > 3")
        assert judged(where, sealed.keys) == [], "it was whole once"
        assert "an older copy of the database was put back" in judged(where, sealed.keys, anchor)[0]
        where.run("DELETE FROM audit_seal")
        assert "the chain has no link at all" in judged(where, sealed.keys, anchor)[0]
    with attacked(other) as where:
        elsewhere = Head(4, "f" * 64, 0)
        assert "is not the one that was written down elsewhere" in judged(where, sealed.keys, elsewhere)[0]
    other.close()


async def test_seals_of_another_house_do_not_fit_though_the_key_is_the_same(
    sealed: Sealed, tmp_path: Path
) -> None:
    """A copy of the key file at a second house must not let its links stand for ours."""
    links = [link for link, _ in await sealed.house.look(partial(chain.some_links, after=0))]
    path = tmp_path / "other.db"
    from server.store.schema import migrate_address

    migrate_address(f"sqlite:///{path}")
    async with running_house(f"sqlite:///{path}", audit_keys=sealed.keys_at) as other:
        await write(other, "deed 0", ROWS)
        await other.house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=sealed.keys))
        theirs = (await other.house.look(partial(chain.some_links, after=0)))[0][0]
    assert theirs.previous != links[0].previous
    database = open_database(sealed.house.settings.database, alone=False)
    with attacked(database) as where:
        where.run(
            "UPDATE audit_seal SET previous = :previous, content = :content, hash = :hash, made_at = :made, newest_at = :newest WHERE id = 1",
            previous=theirs.previous, content=theirs.content, hash=theirs.hash, made=theirs.made_at, newest=theirs.newest_at,
        )  # fmt: skip
        found = " ".join(judged(where, sealed.keys))
        assert "Link 2 does not continue link 1" in found
    database.close()


async def test_a_row_that_commits_late_with_a_lower_id_is_sealed_in_a_later_link(
    postgres_url: str, tmp_path: Path
) -> None:
    async with running_house(postgres_url, audit_keys=tmp_path / "audit.key") as rehearsal:
        keys = open_audit_keys(tmp_path / "audit.key", may_make=True)
        slow = open_database(postgres_url)
        with slow.writer.connect() as connection:
            change = connection.begin()
            connection.execute(
                text(
                    "INSERT INTO audit (at, what, about, address, detail) VALUES (1790000000000000, 'slow', '', '', '{}')"
                )
            )
            await write(rehearsal, "quick", 2)
            first = await rehearsal.house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=keys))
            change.commit()
        slow.close()
        assert first is not None
        second = await rehearsal.house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=keys))
        assert second is not None, "the late one is not left out"
        links = await rehearsal.house.look(partial(chain.some_links, after=0))
        assert [[row.what for row in rows] for _, rows in links] == [["quick", "quick"], ["slow"]]
        assert links[1][1][0].id < links[0][1][0].id
        result = look(rehearsal.house.database, dict(keys.known), None)
        assert result.fits


async def test_two_servers_at_once_make_one_chain(postgres_url: str, tmp_path: Path) -> None:
    """One holds the lock while the other tries: it leaves it alone and waits for nothing."""
    async with running_house(postgres_url, audit_keys=tmp_path / "audit.key") as rehearsal:
        keys = open_audit_keys(tmp_path / "audit.key", may_make=True)
        await write(rehearsal, "deed", 4)
        other = open_database(postgres_url)
        with other.writer.connect() as connection, connection.begin():
            tx = Tx(Sql(connection), SYSTEM, rehearsal.clock.micros())
            assert sealing.seal_some(tx, keys) is not None
            mine = await rehearsal.house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=keys))
            assert mine is None
        other.close()
        assert await rehearsal.house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=keys)) is None
        result = look(rehearsal.house.database, dict(keys.known), None)
        assert (result.fits, result.verifier.links, result.verifier.rows) == (True, 1, 4)


async def troubles(house: House) -> dict[str, str]:
    def read(connection: Connection) -> dict[str, str]:
        return {each[0]: each[1] for each in connection.execute(text("SELECT subject, say FROM trouble"))}

    return await house.look(read)


async def test_a_look_that_broke_off_or_was_made_by_a_wrong_clock_is_made_again(sealed: Sealed) -> None:
    house, clock, sealer = sealed.house, sealed.rehearsal.clock, Sealer(sealed.house)

    async def looked_at() -> int | None:
        checked = await house.look(lambda connection: chain.checked(Sql(connection)))
        return None if checked is None else int(checked[2])

    def rename(tx: Tx, old: str, new: str) -> None:
        tx.session().connection().execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    await sealer.round()
    await house.change(SYSTEM, "break", partial(rename, old="audit", new="elsewhere"))
    with pytest.raises(Exception, match="audit"):
        await sealer.check_when_due()
    await house.change(SYSTEM, "mend", partial(rename, old="elsewhere", new="audit"))
    await sealer.check_when_due()
    assert await looked_at() is None, "not at once: it takes an hour, perhaps"
    clock.go(minutes=10)
    await sealer.check_when_due()
    assert await looked_at() == clock.micros()
    clock.go(days=400)
    await sealer.check_when_due()
    clock.go(days=-399)
    await sealer.check_when_due()
    assert await looked_at() == clock.micros()


async def test_the_house_tells_of_it_by_itself_and_of_its_end(
    sealed: Sealed, caplog: pytest.LogCaptureFixture
) -> None:
    house, sealer = sealed.house, Sealer(sealed.house)
    await write(sealed.rehearsal, "more", 2)
    await sealer.round()
    await sealer.check_when_due()
    head = await house.look(chain.head)
    assert head is not None
    assert head.number == LINKS + 1
    checked = await house.look(lambda connection: chain.checked(Sql(connection)))
    assert checked is not None
    assert checked[0] == head.number
    assert DOES_NOT_FIT not in await troubles(house)

    def spoil(tx: Tx) -> None:
        tx.session().connection().execute(text("UPDATE audit SET about = 'x' WHERE id = 2"))

    await house.change(SYSTEM, "spoil", spoil)
    sealed.rehearsal.clock.go(hours=25)
    await sealer.check_when_due()
    assert (await troubles(house))[DOES_NOT_FIT] == "Row 2 was changed after it was sealed in link 1."
    assert "Row 2 was changed" in caplog.text
    caplog.clear()

    away = sealed.keys_at.rename(sealed.keys_at.with_name("away"))
    await sealer.round()
    assert NOT_SEALED in await troubles(house)
    assert not sealed.keys_at.exists(), "a new key would hide that the old one is gone"
    away.rename(sealed.keys_at)
    await sealer.round()
    assert NOT_SEALED not in await troubles(house)

    def back(tx: Tx) -> None:
        connection = tx.session().connection()
        connection.execute(text("DELETE FROM audit WHERE seal > 4"))
        connection.execute(text("DELETE FROM audit_seal WHERE id > 4"))

    lost = await house.look(chain.head)
    assert lost is not None
    await house.change(SYSTEM, "put an older copy back", back)
    await sealer.round()
    another = copy(house)
    another.process = Process(house.clock)
    other = Sealer(another)  # it was started since, and has seen nothing of what is gone
    for _ in range(2):
        assert "an older copy of the database was put back" in (await troubles(house))[WENT_BACK]
        await sealer.round()
        await other.round()
    await house.change(SYSTEM, "known", partial(sealing.accept_gap, number=head.number + 1))
    await sealer.round()
    assert WENT_BACK in await troubles(house), "that was another link"
    await house.change(SYSTEM, "known", partial(sealing.accept_gap, number=lost.number))
    await sealer.round()
    assert WENT_BACK not in await troubles(house)


async def test_whole_links_are_erased_when_due_and_the_rest_still_fits(sealed: Sealed) -> None:
    house, clock = sealed.house, sealed.rehearsal.clock
    clock.go(days=400)
    await write(sealed.rehearsal, "young", 2)
    sealer = Sealer(house)
    await sealer.round()
    clock.go(days=400)
    await house.change(
        SYSTEM,
        "lie",
        lambda tx: (
            tx.session().connection().execute(text("UPDATE audit_seal SET newest_at = 1 WHERE id = 6"))
        ),
    )
    assert await erase_due(house) == LINKS * ROWS
    await house.change(
        SYSTEM, "mend", lambda tx: tx.session().connection().execute(
            text("UPDATE audit_seal SET newest_at = (SELECT MAX(at) FROM audit WHERE seal = 6) WHERE id = 6")
        )
    )  # fmt: skip
    await sealer.round()
    result = look(house.database, dict(sealed.keys.known), None)
    assert result.fits, told(result, None)
    assert (result.verifier.erased, result.verifier.links) == (LINKS, LINKS + 2)

    def deeds(connection: Connection) -> list[tuple[str, dict[str, int]]]:
        found = connection.execute(text("SELECT what, detail FROM audit WHERE what = 'audit erased'")).all()
        return [(what, json.loads(d) if isinstance(d, str) else d) for what, d in found]

    assert await house.look(deeds) == [
        ("audit erased", {"first": 1, "last": 5, "links": 5, "rows": LINKS * ROWS})
    ]


async def test_a_new_key_seals_on_and_the_old_one_checks(sealed: Sealed) -> None:
    keys = add_audit_key(sealed.keys_at)
    assert keys.keys[1] == sealed.keys.sealing
    sealer = Sealer(sealed.house)
    await write(sealed.rehearsal, "after")
    await sealer.round()
    links = [link for link, _ in await sealed.house.look(partial(chain.some_links, after=0))]
    assert [link.key == keys.sealing.name for link in links] == [False] * LINKS + [True]
    assert look(sealed.house.database, dict(keys.known), None).fits
    assert not look(sealed.house.database, {keys.sealing.name: keys.sealing}, None).fits


def test_a_key_file_that_is_not_as_it_should_be_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys" / "audit.key"
    with pytest.raises(AuditKeysUnusable, match="is missing"):
        open_audit_keys(path, may_make=False)
    keys = open_audit_keys(path, may_make=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.sealing.secret.hex() not in repr(keys)
    assert open_audit_keys(path, may_make=True) == keys
    path.chmod(0o640)
    with pytest.raises(AuditKeysUnusable, match="may be read by others"):
        open_audit_keys(path, may_make=False)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))
    assert open_audit_keys(path, may_make=False) == keys, "the right systemd gives shows as the group's"
    path.chmod(0o644)
    with pytest.raises(AuditKeysUnusable, match="may be read by others"):
        open_audit_keys(path, may_make=False)
    path.chmod(0o600)
    path.write_text("# nothing\n")
    with pytest.raises(AuditKeysUnusable, match="holds no key"):
        open_audit_keys(path, may_make=False)
    path.write_bytes(b"FOYER-AUDIT-KEY-12\xff\n")
    with pytest.raises(AuditKeysUnusable, match="no key"):
        open_audit_keys(path, may_make=False)


def test_text_that_is_no_text_does_not_stop_the_looking(sqlite_url: str, tmp_path: Path) -> None:
    """Somebody who may write to SQLite's file can put in what no driver reads."""
    database = open_database(sqlite_url)
    keys = open_audit_keys(tmp_path / "audit.key", may_make=True)
    with database.writer.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO audit (at, what, about, address, detail) VALUES ('soon', CAST(x'ff' AS TEXT), x'00', '', CAST(x'c328' AS TEXT))"
        )
        assert sealing.seal_some(Tx(Sql(connection), SYSTEM, 5), keys) is not None
    assert look(database, dict(keys.known), None).fits
    with database.writer.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE audit SET what = CAST(x'fe' AS TEXT)")
        connection.exec_driver_sql("UPDATE audit_seal SET rows = 'many' WHERE id = 1")
    result = look(database, dict(keys.known), None)
    assert not result.fits
    assert isinstance(result, Result)
    database.close()


async def test_each_backup_carries_the_newest_link_as_an_anchor(sealed: Sealed, tmp_path: Path) -> None:
    head = await sealed.house.look(chain.head)
    assert head is not None
    folder = tmp_path / "copy"
    folder.mkdir()
    copied = await asyncio.to_thread(take, sealed.house.settings.database, folder)
    label = Label("a", 1, 1, 1, "d", "v", "s", copied.kind, audit=copied.audit)
    beside = tmp_path / "beside.json"
    beside.write_bytes(label.encode())
    assert last_anchor(beside) == Head(head.number, head.hash, 0)
