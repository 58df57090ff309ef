"""What the doctor says of the ways in for staff."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from demo.provider import CLIENT, Application, CouncilSignOn
from server.connectors.sign_on import expiry_of
from server.doctor import files, sign_on
from server.doctor.ground import Ground
from server.domain.troubles import Level
from server.settings import Settings
from server.store.database import open_database
from server.store.tables import SecondFactor, Staff
from tests.support.house import fill

NOW = datetime.now(UTC)
HERE: dict[str, Any] = {"public_url": "https://queue.test", "sso_client_id": CLIENT, "sso_client_secret": "s"}


@pytest.fixture
def provider() -> Iterator[CouncilSignOn]:
    running = CouncilSignOn(Application([])).start()
    yield running
    running.stop()


def test_the_council_s_sign_on_is_asked_as_a_sign_in_would(provider: CouncilSignOn) -> None:
    def said(**more: str) -> Level:
        return sign_on.council(Ground(Settings(**{**HERE, **more}), NOW, seconds=2))[0].level

    assert said() is Level.FINE, "it is not used"
    assert said(sso_issuer=provider.issuer) is Level.FINE
    provider.faults.add("other issuer described")
    assert said(sso_issuer=provider.issuer) is Level.WRONG
    assert said(sso_issuer=provider.issuer, sso_client_id="") is Level.WRONG
    assert said(sso_issuer="http://127.0.0.1:9/7b3f6a52/v2.0") is Level.WRONG


def test_a_certificate_is_told_before_it_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "foyer.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 20 -subj /CN=foyer -keyout - -out -"
    path.write_bytes(subprocess.run(made.split(), check=True, capture_output=True).stdout)
    ends = expiry_of(path)
    assert sign_on.good_until(ends, NOW).level is Level.WORTH_KNOWING
    assert sign_on.good_until(ends, ends - timedelta(days=40)).level is Level.FINE
    assert sign_on.good_until(ends, ends - timedelta(days=3)).level is Level.WRONG
    assert "has run out" in sign_on.good_until(ends, ends + timedelta(days=1)).say


def test_a_house_without_a_way_in_for_emergencies_is_told_of(database_url: str) -> None:
    database = open_database(database_url)

    def change(name: str, *, app: bool = False, emergency: bool = False) -> None:
        with database.writing() as session:
            person = one(session, name)
            person.password_hash, person.emergency = "x", emergency
            session.add(person)
            if app:
                assert person.id is not None
                session.add(SecondFactor(staff_id=person.id, secret="", made_at=NOW, confirmed_at=NOW))

    def said(issuer: str = "https://login.test/x/v2.0", **more: Any) -> tuple[Level, str]:
        settings = Settings(database=database_url, sso_issuer=issuer, **more)
        (verdict,) = sign_on.ways_in(Ground(settings, NOW))
        return verdict.level, verdict.say

    with database.writing() as session:
        fill(session)
    database.close()
    database = open_database(database_url, alone=False)
    assert said("")[0] is Level.FINE, "no administrator has a password"
    change("ada")
    level, say = said("")
    assert (level, say.partition(" yet:")[0]) == (
        Level.WORTH_KNOWING,
        "One administrator has not set up an authenticator app",
    )
    level, say = said("", second_factor="chosen")
    assert (level, "turned off" in say, "One signs in" in say) == (Level.WORTH_KNOWING, True, True)
    change("mia")
    assert "One administrator has" in said("")[1], "a manager is not asked for one as delivered"
    for policy in ("managers", "everybody"):
        assert "2 of those it is asked of have not set up" in said("", second_factor=policy)[1]
    assert said()[0] is Level.WRONG
    change("ada", emergency=True)
    assert "no authenticator app yet" in said()[1]
    change("ada", emergency=True, app=True)
    assert said() == (Level.WORTH_KNOWING, "There is one only.")
    assert said("")[0] is Level.FINE
    assert "None does so now" in said("", second_factor="chosen")[1], "off is told of all the same"
    change("mia", emergency=True, app=True)
    assert said()[0] is Level.FINE
    database.close()


def one(session: Session, name: str) -> Staff:
    from server.actions.staff import by_username

    found = by_username(session, f"{name}@york-house")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({}, Level.FINE),
        ({"metrics_open": True}, Level.WORTH_KNOWING),
        ({"metrics_open": True, "metrics_key": "k"}, Level.FINE),
    ],
)
def test_figures_that_are_open_to_the_machine_are_told(given: dict[str, Any], level: Level) -> None:
    (verdict,) = files.figures(Ground(Settings(**given), NOW))
    assert verdict.level is level


def test_a_list_of_usual_passwords_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    def said(path: Path | None) -> Level:
        (verdict,) = files.usual_passwords(Ground(Settings(usual_passwords=path), NOW))
        return verdict.level

    assert said(None) is Level.FINE
    assert said(tmp_path / "none.txt") is Level.WRONG
    assert said(tmp_path) is Level.WRONG, "a folder is no list"
    named = tmp_path / "usual.txt"
    named.write_bytes(b"\xff\xfeletmein\n123456\n")
    assert said(named) is Level.WORTH_KNOWING, "none of them is long enough to be chosen"
    named.write_text("correct horse battery\n", encoding="utf-8")
    assert said(named) is Level.FINE
