"""Whose address counts behind a proxy: the last that the proxy itself saw, never what a stranger wrote before it; and what our own proxy is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from server.serve import config_of
from server.settings import Settings
from server.store.database import open_database
from tests.repo.tree import ROOT
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


def test_the_proxy_that_is_set_up_speaks_tls_of_today_and_sends_no_program_elsewhere(tmp_path: Path) -> None:
    """As `install.sh` lays it; where Caddy is installed, as Caddy itself reads it."""
    deploy = ROOT / "deploy" / "raspberrypi"
    told = (deploy / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    lines = {line.strip() for line in told.splitlines()}
    assert {"auto_https disable_redirects", "protocols tls1.2 tls1.3"} <= lines
    assert "reverse_proxy 127.0.0.1:@PORT@ {" in lines, "in the open on this machine alone"
    assert 'echo "FOYER_TRUSTED_PROXIES=127.0.0.1"' in (deploy / "installer" / "settings.sh").read_text()
    if (caddy := shutil.which("caddy")) is None:
        return
    laid = tmp_path / "Caddyfile"
    laid.write_text(
        told.replace("@GLOBAL@", "")
        .replace("@TLS@", "\ttls internal")
        .replace("@SITE@", "https://queue.test")
        .replace("@PORT@", "8000")
        .replace("import /etc/caddy/foyer.d/*.caddy", "")
    )
    adapted = subprocess.run(
        [caddy, "adapt", "--adapter", "caddyfile", "--config", laid], capture_output=True, check=True
    )
    by_port = {
        each["listen"][0]: each for each in json.loads(adapted.stdout)["apps"]["http"]["servers"].values()
    }
    (policy,) = [each for each in by_port[":443"]["tls_connection_policies"] if each]
    assert (policy["protocol_min"], policy["protocol_max"]) == ("tls1.2", "tls1.3")
    assert "cipher_suites" not in policy, "Caddy's own, which are ephemeral and authenticated"
    pages, programs = by_port[":80"]["routes"]
    (never,) = pages["match"][0]["not"]
    assert never["path"] == ["/api/*", "/ws/*", "/metrics", "/health/*"]
    assert [each["handle"][0]["status_code"] for each in (pages, programs)] == [308, 403]
