"""What an administrator asks of a device from afar; what is refused, and how it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from server.actions import device_commands, devices
from server.domain.refusals import Refused
from server.store.tables import Audit, Device, PrintJob
from server.store.tx import Tx
from tests.support.house import Rehearsal

Asking = Callable[[Tx], Any]


async def change(rehearsal: Rehearsal, action: Asking, by: str = "ada") -> Any:
    return await rehearsal.house.change(rehearsal.people[by], "asking", action)


async def device(rehearsal: Rehearsal, number: int) -> Device:
    return await rehearsal.house.read(lambda session: session.get_one(Device, number))


async def test_a_lock_holds_its_sentence_until_it_is_lifted(rehearsal: Rehearsal) -> None:
    kiosk = rehearsal.kiosk.id
    said = "  Please use \u202ethe other\x00 screen.\n\x1b[31mThank you.  "
    await change(rehearsal, lambda tx: device_commands.lock(tx, kiosk, said))
    assert (await device(rehearsal, kiosk)).locked_say == "Please use the other screen. [31mThank you."
    await change(rehearsal, lambda tx: device_commands.lock(tx, kiosk, "Back at two."))
    assert (await device(rehearsal, kiosk)).locked_say == "Back at two."
    for _ in range(2):
        await change(rehearsal, lambda tx: device_commands.unlock(tx, kiosk))
    assert (await device(rehearsal, kiosk)).locked_say == ""
    deeds = await rehearsal.house.read(lambda session: session.exec(select(Audit.what)).all())
    assert [deed for deed in deeds if deed.startswith("device")] == [
        "device_locked",
        "device_locked",
        "device_unlocked",
    ]


@pytest.mark.parametrize("sentence", ["", " \x00\u202e\n ", "x" * 201])
async def test_a_lock_without_a_sentence_that_fits_is_refused(rehearsal: Rehearsal, sentence: str) -> None:
    kiosk = rehearsal.kiosk.id
    with pytest.raises(Refused, match=r"Write the sentence|at most 200 fit"):
        await change(rehearsal, lambda tx: device_commands.lock(tx, kiosk, sentence))
    assert (await device(rehearsal, kiosk)).locked_say == ""


async def test_a_sentence_of_two_hundred_letters_in_any_script_fits(rehearsal: Rehearsal) -> None:
    sentence = "ગુ" * 100
    await change(rehearsal, lambda tx: device_commands.lock(tx, rehearsal.kiosk.id, sentence))
    assert (await device(rehearsal, rehearsal.kiosk.id)).locked_say == sentence


async def test_a_test_print_waits_for_its_answer_before_the_next(rehearsal: Rehearsal) -> None:
    kiosk = rehearsal.kiosk.id
    job = await change(rehearsal, lambda tx: device_commands.print_test(tx, kiosk))
    with pytest.raises(Refused, match="has not answered the last test print"):
        await change(rehearsal, lambda tx: device_commands.print_test(tx, kiosk))
    rehearsal.clock.go(minutes=3)
    later = await change(rehearsal, lambda tx: device_commands.print_test(tx, kiosk))
    assert later != job
    jobs = await rehearsal.house.read(lambda session: session.exec(select(PrintJob)).all())
    assert {(each.id, each.ticket_id, each.device_id) for each in jobs} == {
        (job, None, kiosk),
        (later, None, kiosk),
    }


async def test_a_self_test_is_asked_for_under_an_id_of_its_own(rehearsal: Rehearsal) -> None:
    kiosk = rehearsal.kiosk.id
    job = await change(rehearsal, lambda tx: device_commands.ask_self_test(tx, kiosk))
    assert (await device(rehearsal, kiosk)).test_job == job


ASKED: list[Callable[[Tx, int], Any]] = [
    lambda tx, number: device_commands.rename(tx, number, "Hers now"),
    lambda tx, number: device_commands.lock(tx, number, "Closed."),
    device_commands.unlock,
    device_commands.print_test,
    device_commands.ask_self_test,
]


@pytest.mark.parametrize("asked", ASKED)
async def test_nothing_is_asked_of_another_centres_or_a_revoked_device(
    rehearsal: Rehearsal, asked: Callable[[Tx, int], Any]
) -> None:
    kiosk = rehearsal.kiosk.id
    elsewhere = replace(rehearsal.people["ada"], centre=rehearsal.kiosk.centre + 1)
    with pytest.raises(Refused, match="no such device at this centre"):
        await rehearsal.house.change(elsewhere, "asking", lambda tx: asked(tx, kiosk))
    await change(rehearsal, lambda tx: devices.revoke(tx, kiosk, rehearsal.kiosk.centre))
    with pytest.raises(Refused, match="was revoked"):
        await change(rehearsal, lambda tx: asked(tx, kiosk))
    kept = await device(rehearsal, kiosk)
    assert (kept.name, kept.locked_say, kept.test_job) == ("kiosk", "", None)


@pytest.mark.parametrize("asked", ASKED[1:])
async def test_a_display_is_not_locked_and_prints_nothing(
    rehearsal: Rehearsal, asked: Callable[[Tx, int], Any]
) -> None:
    with pytest.raises(Refused, match="Only a kiosk or a scan station"):
        await change(rehearsal, lambda tx: asked(tx, rehearsal.display.id))


@pytest.mark.parametrize(
    ("name", "say"), [("", "what the device shall be called"), ("n" * 300, "at most 60")]
)
async def test_a_device_is_not_called_nothing_nor_a_novel(rehearsal: Rehearsal, name: str, say: str) -> None:
    with pytest.raises(Refused, match=say):
        await change(rehearsal, lambda tx: device_commands.rename(tx, rehearsal.kiosk.id, name))
    assert (await device(rehearsal, rehearsal.kiosk.id)).name == "kiosk"
