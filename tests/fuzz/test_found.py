"""What fuzzing found, each as small as it can be (docs/fuzzing.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.server.web.rehearsal import Served, serving, token_of
from wire import frames


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('found')}/foyer.db"
    migrate_address(address)
    with serving(address) as running:
        yield running


def said(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return client.post(path, data={"csrf": token_of(client), **fields})


def test_a_days_roster_without_its_day_is_refused_in_a_sentence(served: Served) -> None:
    with closing(served.signed_in("max")) as client:
        answer = said(client, "/figures/staffing/roster/day", on="")
    assert (answer.status_code, "Choose a day." in answer.text) == (422, True)


@pytest.mark.parametrize("week", ["", "0001-01-01", "9999-12-31"])
def test_a_week_that_no_calendar_goes_to_is_not_copied(served: Served, week: str) -> None:
    with closing(served.signed_in("max")) as client:
        answer = said(client, "/figures/staffing/roster/copy", week=week)
    assert (answer.status_code, "This is not a week." in answer.text) == (422, True)


def test_taps_that_come_as_a_form_are_refused_and_no_fault(served: Served) -> None:
    with closing(served.signed_in("grace")) as client:
        answer = said(client, "/greeter/count", centre="1")
    assert answer.status_code == 422


@pytest.mark.parametrize("until", ["9999-12-31", "0001-01-01"])
def test_time_is_not_blocked_until_the_end_of_the_calendar(served: Served, until: str) -> None:
    with closing(served.signed_in("max")) as client:
        answer = said(
            client, "/appointments/blocks", about="centre", on="2026-11-25", until=until, reason="closed"
        )
    assert (answer.status_code, "The last day must not be before the first." in answer.text) == (422, True)


def test_why_a_frame_is_none_is_said_without_a_word_of_it() -> None:
    """It goes into a kiosk's log and back over the line."""
    for message in (
        '{"type": "QUAGGA"}',
        '{"type": "ask", "id": "a", "body": {"do": "QUAGGA"}}',
        '{"type": "hello", "protocol": 1, "QUAGGA": 2}',
    ):
        for read in (frames.read_client_frame, frames.read_server_frame):
            with pytest.raises(frames.Malformed) as why:
                read(message)
            assert "QUAGGA" not in str(why.value)
