"""Who was looked up is remembered for two seconds and no longer: a server that runs for a year holds no year's visitors."""

from __future__ import annotations

import time

import pytest

from server.web import identity
from tests.server.web.rehearsal import serving
from tests.support.waiting import until


def test_who_is_not_asked_for_any_more_is_let_go_of(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(sqlite_url) as served:
        asked: identity.Identity = served.app.state.identity
        secrets = [served.visitor()[2] for _ in range(5)]
        monkeypatch.setattr(identity, "REMEMBER_SECONDS", 60.0)
        for secret in secrets:
            assert served.run(asked.visitor(secret)) is not None
        assert sum(slot.startswith("visitor:") for slot in asked._known) == 5
        first = next(iter(asked._known.values()))[0]
        monkeypatch.setattr(identity, "REMEMBER_SECONDS", 0.05)
        until(lambda: time.monotonic() - first > 0.5, what="some time has gone by")
        assert served.run(asked.visitor(secrets[3])) is not None
        assert [slot.partition(":")[0] for slot in asked._known].count("visitor") == 1
        monkeypatch.setattr(identity, "MOST_REMEMBERED", 2)
        monkeypatch.setattr(identity, "REMEMBER_SECONDS", 60.0)
        for secret in secrets:
            assert served.run(asked.visitor(secret)) is not None
        assert len(asked._known) == 2


def test_who_is_asked_for_again_and_again_is_no_younger_for_it(sqlite_url: str) -> None:
    with serving(sqlite_url) as served:
        asked: identity.Identity = served.app.state.identity
        asked.forget()
        for secret in (secrets := [served.visitor()[2] for _ in range(3)]):
            assert served.run(asked.visitor(secret)) is not None
        assert served.run(asked.visitor(secrets[0], "10.0.0.9")) is not None
        moments = [at for at, _ in asked._known.values()]
        assert moments == sorted(moments), "who stands first goes first"


def test_when_a_session_was_used_is_known_for_a_minute(sqlite_url: str) -> None:
    with serving(sqlite_url) as served:
        asked: identity.Identity = served.app.state.identity
        asked._used.update({f"gone-{number}": 1 for number in range(50)})
        client = served.signed_in("max")
        assert client.get("/floor").status_code == 200
        assert len(asked._used) <= 1
