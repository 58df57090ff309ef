"""What of a device's report is remembered: changes a person would act on, and nothing else."""

from __future__ import annotations

import pytest

from server.domain.device_health import changes
from wire.asks import Health
from wire.vocabulary import PrinterState


def said(before: Health | None, after: Health) -> list[str]:
    was = {} if before is None else before.model_dump(mode="json")
    return [event.say for event in changes(was, after.model_dump(mode="json"))]


@pytest.mark.parametrize(
    "report",
    [
        Health(),
        Health(app="2.0.1", printer=PrinterState.OUT, out_of_order="No service", sound=False, set_aside=2),
        Health(clock_off_ms=-900_000),
    ],
)
def test_a_report_that_says_the_same_again_is_no_event(report: Health) -> None:
    assert said(report, report) == []


def test_the_first_report_of_a_device_that_is_well_tells_its_version_only() -> None:
    assert said(None, Health(app="2.0.1", printer=PrinterState.READY)) == ["Runs version 2.0.1."]


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        (Health(printer="ready"), Health(printer="out"), ["The printer is out of paper."]),
        (Health(printer="out"), Health(printer="ready"), ["The printer is ready."]),
        (Health(), Health(out_of_order="Disk full"), ["Out of order: Disk full"]),
        (Health(out_of_order="Disk full"), Health(), ["In order again."]),
        (Health(), Health(sound=False), ["Its sound is off."]),
        (Health(sound=False), Health(), ["Its sound is on again."]),
        (Health(), Health(set_aside=1), ["1 ticket could not be handed over."]),
        (Health(set_aside=1), Health(set_aside=3), ["3 tickets could not be handed over."]),
        (Health(set_aside=3), Health(set_aside=2), []),
        (Health(set_aside=3), Health(), ["No ticket is set aside any more."]),
        (Health(app="1"), Health(app="2"), ["Runs version 2."]),
        (Health(app="2"), Health(), []),
        (Health(), Health(clock_off_ms=-240_000), ["Its clock is 4 minutes slow."]),
        (Health(clock_off_ms=-240_000), Health(clock_off_ms=-300_000), []),
        (Health(clock_off_ms=240_000), Health(clock_off_ms=119_000), ["Its clock is right again."]),
        (Health(), Health(clock_off_ms=120_000), []),
        (Health(held=0), Health(held=40), []),
    ],
)
def test_what_differs_is_told(before: Health, after: Health, sentences: list[str]) -> None:
    assert said(before, after) == sentences


def test_several_things_at_once_are_several_events() -> None:
    worse = changes({}, Health(printer="low", sound=False).model_dump(mode="json"))
    assert [event.what for event in worse] == ["printer", "sound"]


def test_a_camera_or_scanner_is_noted_when_it_is_lost_and_when_it_is_found_but_not_when_it_is_covered() -> (
    None
):
    def said(before: str, after: str) -> list[str]:
        return [each.say for each in changes({"camera": before}, {"camera": after})]

    assert said("ready", "missing") == ["Its camera cannot be found."]
    assert said("missing", "ready") == ["Its camera is there again."]
    assert said("ready", "dark") == said("dark", "ready") == said("none", "silent") == []
    assert [each.say for each in changes({}, {"scanner": "missing"})] == ["Its scanner cannot be found."]
    assert [each.say for each in changes({"plate": "missing"}, {"plate": "ready"})] == [
        "Its page camera is there again."
    ]
