"""The line to GOV.UK Notify, through its own client: what is handed over, what each refusal means, and that the stand-in refuses as Notify does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from notifications_python_client.authentication import create_jwt_token

from demo.notify import KEY, SECRET, SERVICE, Faults, StandIn, template_id, write_letters
from server.connectors import letters, open_carriers
from server.connectors.notify import CLOCK, Notify, is_key, judged
from server.connectors.templates import LettersUnusable, blank, read_templates, sheet
from server.domain.posting import Facts, Later, Never, Parcel, Taken
from server.settings import Settings
from tests.repo.tree import ROOT
from tests.support.writing import MOBILE, stand_in
from wire.vocabulary import Letter, Way, new_id

FACTS = Facts(
    "York House",
    "Europe/London",
    {"en": "Council tax"},
    "1 High Street",
    1_795_692_600_000_000,
    "BCDF-3467",
    "A023",
    "https://q.test/b/x",
)
LETTERS = template_id(Letter.CONFIRMED, Way.SMS, "en")


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[StandIn, str]]:
    with stand_in() as found:
        yield found


@pytest.fixture
def notify(running: tuple[StandIn, str]) -> StandIn:
    running[0].faults = Faults()
    running[0].messages.clear()
    return running[0]


@pytest.fixture
def line(running: tuple[StandIn, str], notify: StandIn, tmp_path: Path) -> Iterator[Notify]:
    write_letters(tmp_path / "letters.toml")
    found = Notify(KEY, running[1], read_templates(tmp_path / "letters.toml"), seconds=5)
    yield found
    found.close()


def parcel(
    letter: Letter = Letter.CONFIRMED,
    way: Way = Way.SMS,
    language: str = "en",
    to: str = MOBILE,
    attempts: int = 1,
) -> Parcel:
    return Parcel(new_id(), letter, way, language, to, FACTS, attempts)


async def test_every_letter_in_every_language_passes_notifys_checks(line: Notify, notify: StandIn) -> None:
    for letter, way in letters.kinds():
        for language in letters.languages():
            result = await line.send(
                parcel(letter, way, language, MOBILE if way is Way.SMS else "jane@example.org")
            )
            assert isinstance(result, Taken), (letter, way, language, result)
    assert len(notify.messages) == len(letters.languages()) * len(list(letters.kinds()))
    assert not [each.body for each in notify.messages if "((" in each.body or "{" in each.body]


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        (Faults(status=500), "Notify has a fault of its own."),
        (Faults(status=429), "The day's limit of messages at Notify is used up."),
        (Faults(per_minute=0), "Notify takes no more messages this minute."),
        (Faults(status=403, clock=True), CLOCK),
    ],
)
async def test_what_may_pass_is_tried_later(line: Notify, notify: StandIn, faults: Faults, why: str) -> None:
    notify.faults = faults
    result = await line.send(parcel())
    assert isinstance(result, Later)
    assert result.why == why
    assert result.wait >= 60_000_000


async def test_what_will_never_go_is_said_at_once(line: Notify, notify: StandIn) -> None:
    landline = await line.send(parcel(to="+441164541000"))
    assert landline == Never(
        "Notify says that this is no number it can text. Ring them or ask for another number."
    )
    mailbox = await line.send(parcel(way=Way.EMAIL, to="no-mailbox"))
    assert mailbox == Never(
        "Notify says that this is no e-mail address. Ring them or ask for another address."
    )
    notify.faults = Faults(trial=True)
    trial = await line.send(parcel())
    assert isinstance(trial, Never)
    assert "trial mode" in trial.why


async def test_a_template_that_asks_for_more_is_named(line: Notify, notify: StandIn) -> None:
    number = template_id(Letter.COME_NOW, Way.SMS, "en")
    kind, subject, body, language = notify.templates[number]
    notify.templates[number] = kind, subject, body + " ((surname))", language
    try:
        result = await line.send(parcel(Letter.COME_NOW))
    finally:
        notify.templates[number] = kind, subject, body, language
    assert isinstance(result, Never)
    assert "surname" in result.why


async def test_a_dead_line_and_a_wrong_key_are_not_the_visitors_fault(
    tmp_path: Path, running: tuple[StandIn, str]
) -> None:
    write_letters(tmp_path / "letters.toml")
    templates = read_templates(tmp_path / "letters.toml")
    nowhere = Notify(KEY, "http://127.0.0.1:9", templates, seconds=2)
    wrong = Notify(KEY[:-4] + "0000", running[1], templates, seconds=5)
    running[0].faults = Faults()
    try:
        lost, refused = await nowhere.send(parcel()), await wrong.send(parcel())
    finally:
        nowhere.close()
        wrong.close()
    assert isinstance(lost, Later)
    assert isinstance(refused, Later)
    assert "FOYER_NOTIFY_KEY" in refused.why


async def test_if_notify_cannot_be_asked_nothing_is_sent(line: Notify, notify: StandIn) -> None:
    second = parcel(attempts=2)
    notify.faults = Faults(status=500)
    assert isinstance(await line.send(second), Later)
    notify.faults = Faults()
    assert isinstance(await line.send(second), Taken)
    assert await line.send(second) == Taken(notify.messages[0].id)
    assert len(notify.messages) == 1


def test_a_refusal_holds_no_number_or_address() -> None:
    result = judged(
        400, [{"error": "ValidationError", "message": "recipient 07700 900 123 jane@example.org odd"}]
    )
    assert isinstance(result, Never)
    assert "900" not in result.why
    assert "jane" not in result.why
    assert isinstance(judged(404, "page not found"), Later)


# The stand-in itself -----------------------------------------------------------------------------------------------------


def token_of(secret: str, service: str) -> str:
    return str(create_jwt_token(secret, service))  # type: ignore[no-untyped-call]  # its library says no types


def refused(
    url: str, body: Any, token: str | None = None, path: str = "sms"
) -> tuple[int, list[dict[str, str]]]:
    headers = {"Authorization": f"Bearer {token or token_of(SECRET, SERVICE)}"}
    answer = httpx.post(f"{url}/v2/notifications/{path}", json=body, headers=headers, trust_env=False)
    return answer.status_code, answer.json().get("errors", [])


def test_the_stand_in_refuses_what_notify_refuses(running: tuple[StandIn, str], notify: StandIn) -> None:
    url = running[1]
    fields = dict.fromkeys(letters.field_names(Letter.CONFIRMED, Way.SMS), "x")
    good = {"phone_number": MOBILE, "template_id": LETTERS, "personalisation": fields}
    assert refused(url, good) == (201, [])
    wrong: dict[str, tuple[Any, str]] = {
        "ValidationError phone_number is a required property": ({"template_id": LETTERS}, "sms"),
        "ValidationError Additional properties are not allowed (extra was unexpected)": (
            {**good, "extra": 1},
            "sms",
        ),
        "ValidationError template_id is not a valid UUID": ({**good, "template_id": "x"}, "sms"),
        "ValidationError phone_number Not enough digits": ({**good, "phone_number": "0770"}, "sms"),
        "ValidationError phone_number Must not contain letters or symbols": (
            {**good, "phone_number": "07700x"},
            "sms",
        ),
        "BadRequestError Template not found": ({**good, "template_id": SERVICE}, "sms"),
        "BadRequestError Missing personalisation: what, when, centre, reference, link": (
            {**good, "personalisation": {}},
            "sms",
        ),
        "BadRequestError sms template is not suitable for email notification": (
            {"email_address": "a@example.org", "template_id": LETTERS, "personalisation": fields},
            "email",
        ),
    }
    for said, (body, path) in wrong.items():
        status, errors = refused(url, body, path=path)
        assert (status, [f"{each['error']} {each['message']}" for each in errors]) == (400, [said])
    assert len(notify.messages) == 1


def test_the_stand_in_checks_the_token_to_thirty_seconds(
    running: tuple[StandIn, str], notify: StandIn
) -> None:
    url, stand, true = running[1], notify, notify.now
    for drift, status in ((0, 400), (26, 400), (-26, 400), (34, 403), (-34, 403)):
        stand.now = partial(lambda by: true() + by, drift)
        assert refused(url, {})[0] == status
    stand.now = true
    other = token_of(LETTERS, SERVICE)
    assert refused(url, {}, other) == (
        403,
        [{"error": "AuthError", "message": "Invalid token: signature, API token not found"}],
    )
    assert refused(url, {}, token_of(SECRET, LETTERS))[0] == 403


# Settings ------------------------------------------------------------------------------------------------------------------


def test_a_fault_in_the_settings_is_a_sentence_and_stops_nothing_else(tmp_path: Path) -> None:
    assert open_carriers(Settings()).ways == frozenset()
    half = open_carriers(Settings(notify_key="abc", smtp_host="localhost", smtp_from="foyer@example.gov.uk"))
    assert half.ways == {Way.EMAIL}
    assert half.faults == (
        "FOYER_NOTIFY_KEY is not a key of GOV.UK Notify. Copy the whole of it: name, service and secret.",
    )
    assert open_carriers(Settings(smtp_host="localhost")).faults == (
        "FOYER_SMTP_FROM must be the e-mail address that our mail comes from.",
    )
    assert "FOYER_LETTERS" in open_carriers(Settings(notify_key=KEY)).faults[0]
    (tmp_path / "odd.toml").write_text('[confirmed.fax]\nen = "x"')
    assert (
        "no such letter" in open_carriers(Settings(notify_key=KEY, letters=tmp_path / "odd.toml")).faults[0]
    )
    assert is_key(KEY)
    assert KEY not in repr(Settings(notify_key=KEY))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no template"),
        ("= nonsense", "is not right"),
        ('[confirmed.sms]\nen = "12"', "is not a template's ID"),
        ('[confirmed.sms]\nxx = "f33517ff-2a88-4f6e-b855-c550268ce08a"', "does not speak"),
    ],
)
def test_a_file_of_templates_that_is_wrong_is_explained(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "letters.toml").write_text(text)
    with pytest.raises(LettersUnusable, match=said):
        read_templates(tmp_path / "letters.toml")


def test_the_sheet_of_templates_is_what_the_catalogue_says() -> None:
    """`foyer letters > docs/letters.md` after a change of sentences, and the templates at Notify after that."""
    assert (ROOT / "docs" / "letters.md").read_text(encoding="utf-8") == sheet()
    assert blank().count('= ""') == len(letters.languages()) * len(list(letters.kinds()))
