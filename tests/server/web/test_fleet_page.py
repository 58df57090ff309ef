"""The page of a fleet as an administrator of hundreds reads it: who needs somebody first, the rest centre by centre."""

from __future__ import annotations

from server.domain.rollout import Machine, Ring, Stands
from server.web.pages.releases import Row, _grouped


def row(name: str, centre: str, stands: Stands | None = Stands.DONE) -> Row:
    machine = Machine(
        id=1, name=name, ring=Ring.ALL, runs="", version="", state=None, say="", told_at=None, seen_at=None
    )
    return Row(machine, centre, False, stands)


def test_those_that_need_somebody_come_first_and_the_others_by_centre_and_number() -> None:
    rows = [
        row("Kiosk 10", "York House"),
        row("Kiosk 2", "York House", None),
        row("Kiosk 1", "beaumont Leys", Stands.SILENT),
        row("Display", "York House", Stands.FAILED),
        row("Kiosk 3", "beaumont Leys", Stands.UNDERWAY),
    ]
    found = [(group.centre, [each.machine.name for each in group.rows]) for group in _grouped(rows)]
    assert found == [
        ("", ["Kiosk 1", "Display"]),
        ("beaumont Leys", ["Kiosk 3"]),
        ("York House", ["Kiosk 2", "Kiosk 10"]),
    ]
    assert dict(_grouped(rows)[2].tally) == {Stands.DONE: 1}
    assert _grouped([]) == []
