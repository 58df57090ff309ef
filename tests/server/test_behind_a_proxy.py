"""Whose address counts behind a proxy: the last that the proxy itself saw, never what a stranger wrote before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from server.serve import config_of
from server.settings import Settings
from server.store.database import open_database
from tests.server.web.rehearsal import NOON, set_up

PROXY, OUTER, VISITOR = "10.0.0.9", "10.0.0.8", "203.0.113.7"

CASES = {
    "one proxy": (PROXY, VISITOR, f"{VISITOR} https"),
    "a chain begun by the stranger": (PROXY, f"127.0.0.1, 8.8.8.8, {VISITOR}", f"{VISITOR} https"),
    "two proxies": (PROXY, f"127.0.0.1, {VISITOR}, {OUTER}", f"{VISITOR} https"),
    "a stranger alone": (VISITOR, "127.0.0.1", f"{VISITOR} http"),
}


async def test_what_a_stranger_writes_into_the_chain_is_not_believed(sqlite_url: str, tmp_path: Path) -> None:
    database = open_database(sqlite_url)
    with database.writing() as session:
        set_up(session, NOON)
    database.close()
    seen: list[str] = []

    async def program(scope: Any, receive: Any, send: Any) -> None:
        seen.append(f"{scope['client'][0]} {scope['scheme']}")

    config = config_of(Settings(database=sqlite_url, data=tmp_path, trusted_proxies=f"{PROXY},{OUTER}"))
    config.app = program
    config.load()
    for comes_from, chain, _ in CASES.values():
        headers = [(b"x-forwarded-for", chain.encode()), (b"x-forwarded-proto", b"https")]
        scope: Any = {"type": "http", "scheme": "http", "client": (comes_from, 4711), "headers": headers}
        nothing: Any = None
        await config.loaded_app(scope, nothing, nothing)
    assert dict(zip(CASES, seen, strict=True)) == {name: expected for name, (*_, expected) in CASES.items()}
