"""Hours without the server: for minutes, overnight, for days, and through both nights when the clocks
change.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.flow import events as e
from kiosk.flow.model import Screen
from kiosk.flow.opening import service_open
from tests.kiosk.flow.walking import DAY, TUESDAY_TEN, Kiosk, open_kiosk, york_house

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp() * 1000)


def cut_off(rows: dict[str, dict[str, object]] | None = None) -> Kiosk:
    kiosk = open_kiosk(rows)
    kiosk.send(e.LinkChanged(up=False))
    return kiosk


def screen_at(kiosk: Kiosk, text: str) -> Screen:
    kiosk.at += 100
    kiosk.now = at(text)
    kiosk.send(e.Tick(kiosk.at, kiosk.now))
    return kiosk.model.screen


@pytest.mark.parametrize(
    ("text", "screen"),
    [
        ("2026-11-24T16:29:59", Screen.START),
        ("2026-11-24T16:30:00", Screen.CLOSED),
        ("2026-11-25T09:29:59", Screen.CLOSED),
        ("2026-11-25T09:30:00", Screen.START),
        ("2026-12-01T10:00:00", Screen.START),
        ("2026-12-01T23:59:59", Screen.CLOSED),
    ],
)
def test_cut_off_on_an_open_day_keeps_the_same_daily_hours(text: str, screen: Screen) -> None:
    assert screen_at(cut_off(), text) is screen


def test_after_closing_it_says_when_the_same_hours_begin() -> None:
    kiosk = cut_off()
    screen_at(kiosk, "2026-11-25T08:00:00")
    assert kiosk.model.closed_line.key == "closed.opens_today"


def closed_night() -> dict[str, dict[str, object]]:
    rows = york_house(open=False, opens_at=at("2026-11-26T09:30"), closes_at=None)
    for key, row in rows.items():
        if key.startswith("service:"):
            row |= {"open": False, "hours_today": [], "opens_at": at("2026-11-26T09:30")}
    rows["private"]["open"] = False
    return rows


@pytest.mark.parametrize(
    ("text", "screen"),
    [
        ("2026-11-25T12:00", Screen.CLOSED),
        ("2026-11-26T09:29", Screen.CLOSED),
        ("2026-11-26T09:30", Screen.START),
        ("2026-11-26T20:00", Screen.START),
        ("2026-11-27T09:00", Screen.CLOSED),
        ("2026-11-27T09:30", Screen.START),
    ],
)
def test_cut_off_on_a_closed_day_opens_when_it_was_told_to(text: str, screen: Screen) -> None:
    assert screen_at(cut_off(closed_night()), text) is screen


def test_a_service_with_hours_of_its_own_opens_on_its_day_without_the_server() -> None:
    kiosk = cut_off()
    for text, is_open in (
        ("2026-11-26T10:00", False),
        ("2026-11-27T09:59", False),
        ("2026-11-27T10:00", True),
        ("2026-11-27T16:30", False),
        ("2026-11-30T10:00", False),
        ("2026-12-04T10:00", True),
    ):
        screen_at(kiosk, text)
        advice = kiosk.model.offer.service("advice")
        assert advice is not None
        assert service_open(kiosk.model, advice) is is_open, text


@pytest.mark.parametrize("night", ["2026-10-25", "2027-03-28"])
def test_the_night_the_clocks_change_keeps_local_hours(night: str) -> None:
    kiosk = cut_off()
    assert screen_at(kiosk, f"{night}T09:29") is Screen.CLOSED
    assert screen_at(kiosk, f"{night}T09:30") is Screen.START
    assert screen_at(kiosk, f"{night}T16:30") is Screen.CLOSED


@pytest.mark.parametrize("now", [0, TUESDAY_TEN - 30 * 365 * DAY, TUESDAY_TEN + 70 * 365 * DAY, 10**17])
def test_a_calendar_years_off_leaves_no_dead_screen(now: int) -> None:
    kiosk = cut_off()
    kiosk.at += 100
    kiosk.send(e.Tick(kiosk.at, now))
    assert kiosk.model.screen in (Screen.START, Screen.CLOSED)
    assert kiosk.model.closed_line.key.startswith("closed.")


def test_while_the_link_is_up_the_server_is_believed_over_the_clock() -> None:
    kiosk = open_kiosk()
    assert screen_at(kiosk, "2026-11-24T22:00") is Screen.START


def test_midnight_passes_with_a_ticket_on_screen() -> None:
    kiosk = cut_off()
    kiosk.to_ticket()
    kiosk.now = at("2026-11-25T00:00:01")
    kiosk.send(e.Tick(kiosk.at, kiosk.now))
    assert kiosk.model.screen is Screen.TICKET
