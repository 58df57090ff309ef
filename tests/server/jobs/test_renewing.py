"""Secrets renewed while the house runs: mail, links, database and papers go on."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server.actions import keys
from server.actions.secrets_kept import known_secrets
from server.cli import app
from server.domain.access import SYSTEM
from server.domain.posting import Later, Taken
from server.edge import House
from server.jobs.renewing import renew
from server.papers.keyring import add_key, new_identity, open_keyring
from server.settings import Settings
from server.store.database import open_database
from tests.server.connectors.test_smtp import parcel
from tests.support.house import Rehearsal, running_house
from tests.support.mailbox import Mailbox, mail_server
from wire.vocabulary import Way, new_id


def secret_file(folder: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / name
    path.write_text(value)
    path.chmod(0o600)
    monkeypatch.setenv(f"FOYER_{name.upper()}_FILE", str(path))
    return path


async def test_mail_goes_on_with_a_new_password_and_nothing_is_restarted(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = secret_file(tmp_path, "smtp_password", "the one of last year", monkeypatch)
    box = Mailbox()
    async with mail_server(box, auth_require_tls=False) as port:
        mail: dict[str, Any] = {
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_user": "foyer",
            "smtp_from": "us@council.test",
        }
        async with running_house(sqlite_url, **mail) as rehearsal:
            house = rehearsal.house
            assert isinstance(await house.carriers.by_way[Way.EMAIL].send(parcel()), Later)
            assert await renew(house) == []
            path.write_text("open sesame\n")
            assert await renew(house) == ["smtp_password"]
            assert await house.carriers.by_way[Way.EMAIL].send(parcel()) == Taken()
            path.write_text("")
            path.chmod(0o644)
            assert await renew(house) == [], "what cannot be used changes nothing"
            path.unlink()
            assert await renew(house) == []
            assert await house.carriers.by_way[Way.EMAIL].send(parcel()) == Taken()
    assert box.users == ["foyer", "foyer"]


async def test_links_that_are_out_go_on_working_and_another_server_knows_new_ones_at_once(
    rehearsal: Rehearsal,
) -> None:
    house, thing = rehearsal.house, new_id()
    out = keys.link_to(house.link_key, "booking", thing)
    other = House(house.settings, house.database, rehearsal.clock)
    other.lane.start(asyncio.get_running_loop())
    await other.know_links()
    await house.change(SYSTEM, "renew_links", keys.renew_links)
    assert "links" in await renew(house)
    fresh = keys.link_to(house.link_key, "booking", thing)
    assert fresh != out
    assert await house.linked("booking", out) == await house.linked("booking", fresh) == thing
    assert await house.linked("wish", out) is None
    other._links_read_at -= 2
    assert await other.linked("booking", fresh) == thing
    rehearsal.clock.go(days=keys.OLD_LINKS_KEPT / timedelta(days=1) + 1)
    await house.change(SYSTEM, "renew_links", keys.renew_links)
    await house.know_links()
    assert await house.linked("booking", out) is None, "an age later it is over"
    assert await house.linked("booking", fresh) == thing
    await house.change(SYSTEM, "renew_links", partial(keys.renew_links, at_once=True))
    await house.know_links()
    assert len(house.link_keys) == 1
    assert await house.linked("booking", fresh) is None
    await other.lane.stop()


async def test_new_lines_to_the_database_use_the_new_password_and_old_ones_stay(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    user, _, rest = start.removeprefix("postgresql://").partition("@")
    name = user.split(":")[0]
    address = f"postgresql://{name}:%s@{rest}"
    path = secret_file(tmp_path, "database", address % "old", monkeypatch)
    async with running_house(address % "old") as rehearsal:
        house = rehearsal.house
        path.write_text(address % "n%2Fw")
        assert "database" in await renew(house)
        await rehearsal.issue()
        with ExitStack() as held:
            lines = [held.enter_context(house.database.reader.connect()) for _ in range(8)]
            drivers: list[Any] = [each.connection.driver_connection for each in lines]
            used = [each.info.password for each in drivers]
        assert set(used) == {"old", "n/w"}, "those that were open go on, new ones have the new password"
        assert house.database.line()["password"] == "n/w"
        path.write_text((address % "x").replace(rest, "elsewhere.test/foyer"))
        await renew(house)
        assert house.database.url.host != "elsewhere.test", "another database takes a restart"


async def test_a_new_key_for_papers_is_sealed_to_at_once_and_a_lost_one_is_not_believed(
    sqlite_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "papers.key"
    async with running_house(sqlite_url, paper_keys=path) as rehearsal:
        house = rehearsal.house
        wrapped = house.keyring.wrap(b"k" * 32)
        add_key(path)
        assert await renew(house) == ["paper_keys"]
        assert house.keyring.known == open_keyring(path).known
        assert house.keyring.unwrap(wrapped) == b"k" * 32
        path.write_text(new_identity() + "\n")
        assert await renew(house) == []
        assert house.keyring.unwrap(wrapped) == b"k" * 32


async def test_secrets_are_listed_with_their_age_and_never_shown(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = secret_file(tmp_path, "smtp_password", "never-to-be-shown", monkeypatch)
    long_ago = path.stat().st_mtime - 500 * 86_400
    os.utime(path, (long_ago, long_ago))
    monkeypatch.setenv("FOYER_DATABASE", sqlite_url)
    monkeypatch.setenv("FOYER_NOTIFY_BEARER", "nor-is-this")
    monkeypatch.setenv("FOYER_PAPER_KEYS", str(tmp_path / "papers.key"))
    async with running_house(sqlite_url, paper_keys=tmp_path / "papers.key") as rehearsal:
        link_key = rehearsal.house.link_key
    told = CliRunner().invoke(app, ["secrets"]).output
    assert f"Password at the mail server (500 days old: old)\n  in {path}" in told
    assert "What Notify shows us (age unknown)" in told
    assert "Key of visitors' links (" in told
    for secret in ("never-to-be-shown", "nor-is-this", link_key):
        assert secret not in told
    assert "go on working" in CliRunner().invoke(app, ["secrets", "renew-links"]).output
    database = open_database(sqlite_url)
    with database.session() as session:
        assert keys.link_keys(session)[1:] == (link_key,)
        listed = known_secrets(session, Settings())
    database.close()
    assert any("1 earlier still open" in each.stands for each in listed)
