"""A machine's own health: what staff are told, what is remembered, and that silence about it is no trouble."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.concerns import trouble_of
from server.domain.device_health import changes
from server.domain.machine_health import facts, troubles
from wire.asks import Health
from wire.device_asks import MachineIs

WELL: dict[str, Any] = {
    "power": "well",
    "heat_c": 51,
    "card": "well",
    "free_mb": 4096,
    "memory_percent": 69,
    "in_step": True,
    "up_seconds": 90_000,
}


def machine(**differs: Any) -> dict[str, Any]:
    return MachineIs(**{**WELL, **differs}).model_dump(mode="json")


def test_a_machine_that_is_well_or_tells_nothing_is_no_trouble() -> None:
    assert troubles(machine()) == troubles(None) == troubles({}) == []
    assert facts(None) == []
    assert facts(machine()) == [
        ("Power", "right"),
        ("Heat", "51 °C"),
        ("Card", "right, 4.0 GB free"),
        ("Memory", "69 % free"),
        ("Clock", "kept right by a time server"),
        ("Running for", "25 hours"),
    ]


@pytest.mark.parametrize(
    ("differs", "cause"),
    [
        ({"power": "low"}, "power"),
        ({"hot": True, "heat_c": 84}, "heat"),
        ({"card": "read_only"}, "card"),
        ({"card": "errors"}, "card"),
        ({"card": "worn"}, "card"),
        ({"free_mb": 199}, "disk"),
        ({"memory_percent": 5}, "memory"),
        ({"screen": "broken"}, "screen"),
    ],
)
def test_what_a_person_must_act_on_is_told_once_each_and_its_end_remembered(
    differs: dict[str, Any], cause: str
) -> None:
    bad, good = machine(**differs), machine()
    (found,) = troubles(bad)
    assert found.cause == cause
    assert trouble_of({"machine": bad}, 0, 0) == found.say
    assert [event.say for event in changes({"machine": good}, {"machine": bad})] == [found.say]
    assert changes({"machine": bad}, {"machine": bad}) == []
    assert [event.say for event in changes({"machine": bad}, {"machine": good})] == [found.over]


@pytest.mark.parametrize(
    "differs", [{"power": "was_low"}, {"in_step": False}, {"heat_c": 79}, {"free_mb": 200}]
)
def test_what_is_only_good_to_know_troubles_nobody(differs: dict[str, Any]) -> None:
    assert troubles(machine(**differs)) == []


def test_a_machine_started_anew_and_a_line_that_was_refused_are_remembered() -> None:
    began = changes({"machine": machine()}, {"machine": machine(up_seconds=40)})
    assert [event.what for event in began] == ["started"]
    said = changes({"machine": machine()}, {"machine": machine(line="Its certificate has ended.")})
    assert [event.say for event in said] == [
        "While it could not reach the server, this was why: Its certificate has ended."
    ]
    assert troubles(machine(line="Its certificate has ended.")) == []


def test_a_newer_device_may_tell_more_than_this_server_knows() -> None:
    told = Health.model_validate_json('{"do": "health", "machine": {"power": "low", "fan_rpm": 1200}}')
    assert told.machine == MachineIs(power="low")
