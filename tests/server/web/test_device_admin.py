"""One device's page: what it tells, what is asked of the device through it, and what comes of that."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select

from server.domain.access import SYSTEM
from server.store.tables import Device, PrintJob
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, Served, token_of
from wire import asks
from wire.vocabulary import DeviceKind, PaperState, PartState, PrinterState


def post(client: httpx.Client, path: str, **form: object) -> httpx.Response:
    return client.post(path, data={"csrf": token_of(client), **form})


def page_of(served: Served, kind: DeviceKind = DeviceKind.KIOSK) -> str:
    return f"/admin/devices/{served.ids.devices[kind]}"


def row_of(served: Served, kind: DeviceKind) -> Device:
    number = served.ids.devices[kind]
    return served.run(served.house.read(lambda session: session.get_one(Device, number)))


def test_its_history_stands_on_its_page_newest_first(served: Served) -> None:
    for state in (PrinterState.READY, PrinterState.OUT, PrinterState.READY):
        served.ask(served.kiosk(), asks.Health(app="2.0.1", printer=state))
    shown = served.signed_in("ada").get(page_of(served)).text
    told = shown.split('class="rows events"')[1]
    assert (
        told.index("The printer is ready.") < told.index("out of paper") < told.index("Runs version 2.0.1.")
    )


def test_a_lock_is_seen_in_the_list_and_lifted(served: Served) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, page_of(served) + "/lock", sentence="Please use\u202e the \x07other screen.")
    assert answer.status_code == 303
    assert "Please use the other screen." in admin.get(page_of(served)).text
    assert "Locked" in admin.get("/admin/devices").text
    assert post(admin, page_of(served) + "/unlock").status_code == 303
    assert "Locked" not in admin.get("/admin/devices").text
    assert row_of(served, DeviceKind.KIOSK).locked_say == ""


def test_a_sentence_that_does_not_fit_comes_back_to_be_shortened(served: Served) -> None:
    admin = served.signed_in("ada")
    answer = post(admin, page_of(served) + "/lock", sentence="n" * 201)
    assert answer.status_code == 422
    assert "201 characters and at most 200 fit" in answer.text
    assert "n" * 201 in answer.text
    assert row_of(served, DeviceKind.KIOSK).locked_say == ""


def test_how_its_camera_and_scanner_are_stands_on_its_page(served: Served) -> None:
    admin = served.signed_in("ada")
    served.ask(served.kiosk(), asks.Health(printer=PrinterState.READY))
    assert "<dt>Camera</dt>" not in admin.get(page_of(served)).text, "it is meant to have none"
    both = asks.Health(
        printer=PrinterState.READY,
        camera=PartState.DARK,
        scanner=PartState.SILENT,
        plate=PartState.STOPPED,
        packets=3,
        packets_age_ms=3 * 3_600_000,
    )
    served.ask(served.kiosk(), both)
    shown = admin.get(page_of(served)).text
    assert "<dt>Camera</dt><dd>Sees nothing: covered, or without light</dd>" in shown
    assert "<dt>Scanner</dt><dd>Has not read a code yet</dd>" in shown
    assert "<dt>Page camera</dt><dd>Has stopped: its cover is open, or a sheet is stuck</dd>" in shown
    assert "<dt>Still to send</dt><dd>3 hand-ins, waiting for up to 3 hours</dd>" in shown
    assert "Its camera sees nothing. Take away what covers it" in shown
    listed = admin.get("/admin/devices").text
    assert "Its camera sees nothing." in listed
    assert "3 hand-ins to send" in listed


def test_a_test_print_tells_what_came_of_it(served: Served) -> None:
    hands = served.set_clock(NOON)
    admin = served.signed_in("ada")
    served.ask(served.kiosk(), asks.Health(printer=PrinterState.READY))
    assert post(admin, page_of(served) + "/print").status_code == 303
    shown = admin.get(page_of(served)).text
    assert "waiting for its answer" in shown
    assert "data-awaits" in shown
    assert post(admin, page_of(served) + "/print").status_code == 409
    job = _open_job(served)
    served.ask(served.kiosk(), asks.Printed(job=job, paper=PaperState.NOT_PRINTED))
    shown = admin.get(page_of(served)).text
    assert "Not printed. Look at the printer." in shown
    assert "data-awaits" not in shown
    hands.turn(timedelta(seconds=1))
    assert post(admin, page_of(served) + "/print").status_code == 303
    hands.turn(timedelta(minutes=3))
    assert "No answer came." in admin.get(page_of(served)).text


def _open_job(served: Served) -> str:
    waiting = select(PrintJob.id).where(col(PrintJob.done_at).is_(None))
    return served.run(served.house.read(lambda session: session.exec(waiting).one()))


def test_a_self_test_is_asked_for_and_its_findings_are_told(served: Served) -> None:
    admin = served.signed_in("ada")
    assert "It has not tested itself yet." in admin.get(page_of(served)).text
    assert post(admin, page_of(served) + "/test").status_code == 303
    job = row_of(served, DeviceKind.KIOSK).test_job
    assert job is not None
    findings = (
        asks.Finding(part="printer", fine=True),
        asks.Finding(part="touch_screen", fine=False, say="Clean the screen."),
    )
    served.ask(served.kiosk(), asks.SelfTest(job=job, findings=findings))
    shown = admin.get(page_of(served)).text
    assert "Touch screen" in shown
    assert "Clean the screen." in shown
    assert "waiting for its answer" not in shown


def test_a_display_is_laid_out_in_the_order_chosen(served: Served) -> None:
    admin, path = served.signed_in("ada"), page_of(served, DeviceKind.DISPLAY)
    form = {"first": "waits", "second": "calls", "third": "", "counters": ["desk-2"], "services": []}
    assert post(admin, path + "/layout", **form).status_code == 303
    assert row_of(served, DeviceKind.DISPLAY).layout == {
        "shows": ["waits", "calls"],
        "counters": ["desk-2"],
        "services": [],
    }
    shown = admin.get(path).text
    assert shown.index('value="waits" selected') < shown.index('value="calls" selected')
    assert 'value="desk-2" checked' in shown
    assert "Talk in private" not in shown
    for wrong, status in (
        ({"first": "", "second": ""}, 422),
        ({"first": "weather"}, 404),
        ({"counters": ["x"]}, 404),
    ):
        assert post(admin, path + "/layout", **{**form, **wrong}).status_code == status, wrong
    assert post(admin, page_of(served) + "/layout", **form).status_code == 422, "a kiosk has no layout"


def test_a_door_counter_that_counts_once_a_day_is_not_called_silent(served: Served) -> None:
    hands = served.set_clock(NOON)

    def heard(tx: Tx) -> None:
        for number in served.ids.devices.values():
            tx.session().get_one(Device, number).seen_at = NOON

    served.run(served.house.change(SYSTEM, "heard", heard))
    path = page_of(served, DeviceKind.DOOR_COUNTER)
    hands.turn(timedelta(hours=20))
    admin = served.signed_in("ada")
    assert "Works" in admin.get(path).text
    assert "Not heard from" in admin.get(page_of(served)).text
    hands.turn(timedelta(hours=7))
    assert "No counts for more than a day" in served.signed_in("ada").get(path).text


def test_a_revoked_device_keeps_its_name_and_its_history(served: Served) -> None:
    admin = served.signed_in("ada")
    served.ask(served.kiosk(), asks.Health(app="2.0.1"))
    assert post(admin, page_of(served) + "/revoke").status_code == 303
    answer = post(admin, page_of(served) + "/name", name="Back again")
    assert answer.status_code == 409
    assert "was revoked. Pair it anew" in answer.text
    shown = admin.get(page_of(served)).text
    assert "Revoked" in shown
    assert "Runs version 2.0.1." in shown
    assert "Lock The kiosk" not in shown
    assert row_of(served, DeviceKind.KIOSK).name == "The kiosk"


@pytest.mark.parametrize("deed", ["", "/name", "/lock", "/unlock", "/print", "/test", "/layout"])
def test_another_centres_device_is_as_if_not_there(served: Served, deed: str) -> None:
    olga, kind = served.signed_in("olga"), DeviceKind.DISPLAY if deed == "/layout" else DeviceKind.KIOSK
    path = page_of(served, kind) + deed
    form = {"name": "Hers", "sentence": "Closed.", "first": "calls"}
    answer = post(olga, path, **form) if deed else olga.get(path)
    assert answer.status_code == 404
    assert "no such device at this centre" in answer.text
    assert "The kiosk" not in answer.text
    kept = row_of(served, DeviceKind.KIOSK)
    assert (kept.name, kept.locked_say, kept.test_job) == ("The kiosk", "", None)


def test_a_name_of_three_hundred_letters_is_refused(served: Served) -> None:
    answer = post(served.signed_in("ada"), page_of(served) + "/name", name="k" * 300)
    assert answer.status_code == 422
    assert "at most 60" in answer.text
