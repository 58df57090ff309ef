"""What is said aloud, in which voice, how it is kept, and that nobody can make a lobby say anything else."""

from __future__ import annotations

import asyncio
import io
import stat
import time
import wave
from pathlib import Path

import pytest

from server.live import speech
from server.live.clips import join_clips
from server.live.speech import VOICES, Said, Speaker, sentence, spoken_code
from tests.display.standin import tone
from tests.server.web.rehearsal import TOKENS, Served
from wire.asks import Announce, Arrive, CallNext, EndAnnouncement, Evacuate, Finish, Recall, Resume
from wire.vocabulary import DeviceKind, Language, Outcome, Prepared, new_id
from words import Catalogue

CATALOGUE = Catalogue(strict=True)
CALL = Said("K07", "Desk 4", "desk-4", "en")


def seconds(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


@pytest.mark.parametrize(
    ("code", "language", "spoken"),
    [
        ("K07", "en", "K, oh seven"),
        ("K23", "en", "K, 23"),
        ("B104", "en", "B, one oh four"),
        ("K10", "en", "K, 10"),
        ("K07", "gu", "K, 0 7"),
        ("B104", "ar", "B, 1 0 4"),
        ("K99", "pl", "K, 99"),
    ],
)
def test_a_code_is_read_as_people_say_it(code: str, language: str, spoken: str) -> None:
    assert spoken_code(code, language) == spoken


def test_the_sentence_is_the_catalogues_and_says_that_it_is_said_again() -> None:
    assert sentence(CATALOGUE, CALL) == "K, oh seven, please go to Desk 4."
    again = Said("K07", "Desk 4", "desk-4", "en", again=True)
    assert sentence(CATALOGUE, again) == "Once again: K, oh seven, please go to Desk 4."


def test_every_language_of_the_wire_has_a_sentence() -> None:
    for language in Language:
        text = sentence(CATALOGUE, Said("K07", "Desk 4", "desk-4", language))
        assert "Desk 4" in text
        assert text.startswith("K, ")


@pytest.mark.parametrize("language", list(VOICES))
async def test_each_voice_speaks_and_what_it_said_is_kept(tmp_path: Path, language: str) -> None:
    speaker = Speaker(tmp_path, CATALOGUE)
    first = await speaker.speak(Said("K07", "Desk 4", "desk-4", language))
    assert first is not None
    assert 1 < seconds(first) < 8
    mute = Speaker(tmp_path, CATALOGUE, program="/bin/false")
    assert await mute.speak(Said("K07", "Desk 4", "desk-4", language)) == first


async def test_a_hundred_boards_asking_at_once_start_one_voice(tmp_path: Path) -> None:
    counted = _program(tmp_path, f'echo run >> "{tmp_path}/runs"; exec espeak-ng "$@"')
    speaker = Speaker(tmp_path, CATALOGUE, program=counted)
    spoken = await asyncio.gather(*(speaker.speak(CALL) for _ in range(100)))
    assert len(set(spoken)) == 1
    assert spoken[0] is not None
    assert (tmp_path / "runs").read_text() == "run\n"


def _program(folder: Path, body: str) -> str:
    path = folder / "voice"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_a_voice_that_hangs_is_given_up_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "MOST_SECONDS", 0.2)
    speaker = Speaker(tmp_path, CATALOGUE, program=_program(tmp_path, "exec sleep 60"))
    began = time.monotonic()
    assert await speaker.speak(CALL) is None
    assert time.monotonic() - began < 3
    assert list((tmp_path / "speech").rglob("*.*")) == []


@pytest.mark.parametrize("body", ["exit 1", "exit 0", ": > /dev/null"])
async def test_a_voice_that_fails_is_no_voice(tmp_path: Path, body: str) -> None:
    assert await Speaker(tmp_path, CATALOGUE, program=_program(tmp_path, body)).speak(CALL) is None


async def test_a_machine_without_the_program_or_a_folder_to_write_is_silent(tmp_path: Path) -> None:
    assert await Speaker(tmp_path, CATALOGUE, program=str(tmp_path / "none")).speak(CALL) is None
    full = tmp_path / "full"
    full.write_text("a file where the folder should be")
    assert await Speaker(full, CATALOGUE).speak(CALL) is None


async def test_a_language_without_a_voice_is_not_spoken(tmp_path: Path) -> None:
    assert await Speaker(tmp_path, CATALOGUE).speak(Said("K07", "Desk 4", "desk-4", "so")) is None


async def test_a_counters_name_is_spoken_and_never_an_option(tmp_path: Path) -> None:
    marker = tmp_path / "written"
    name = f"--help -w {marker} <break/> $(touch {marker})"
    assert await Speaker(tmp_path, CATALOGUE).speak(Said("K07", name, "x", "en")) is not None
    assert not marker.exists()


async def test_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "MOST_KEPT", 3)
    speaker = Speaker(tmp_path, CATALOGUE)
    for number in range(10, 16):
        assert await speaker.speak(Said(f"K{number}", "Desk 4", "desk-4", "en")) is not None
    assert len(list((tmp_path / "speech").rglob("*.wav"))) == 3


# Recorded clips -------------------------------------------------------------------------------------------------


def _clips(data: Path, *names: str) -> Path:
    for name in names:
        path = data / "clips" / "gu" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tone(0.2))
    return data / "clips" / "gu"


FRAME = ("letters/K", "numbers/0", "numbers/7", "counters/desk-4")
SAID = Said("K07", "Desk 4", "desk-4", "gu")


async def test_recorded_clips_are_said_instead_of_the_machine(tmp_path: Path) -> None:
    _clips(tmp_path, *FRAME, "after")
    spoken = await Speaker(tmp_path, CATALOGUE, program="/bin/false").speak(SAID)
    assert spoken is not None
    assert seconds(spoken) == pytest.approx(5 * (0.2 + 0.12), abs=0.01)


def test_a_whole_number_goes_before_its_digits_and_a_recall_has_its_own_start(tmp_path: Path) -> None:
    folder = _clips(tmp_path, *FRAME, "go-to", "numbers/07", "again")
    plain, again = join_clips(folder, "K07", "desk-4", False), join_clips(folder, "K07", "desk-4", True)
    assert plain is not None
    assert again is not None
    assert seconds(plain) == pytest.approx(4 * 0.32, abs=0.01)
    assert seconds(again) == pytest.approx(5 * 0.32, abs=0.01)


@pytest.mark.parametrize("missing", [*FRAME, "go-to"])
def test_one_missing_clip_and_the_machine_says_it_all(tmp_path: Path, missing: str) -> None:
    folder = _clips(tmp_path, *(name for name in (*FRAME, "go-to") if name != missing))
    assert join_clips(folder, "K07", "desk-4", False) is None


def test_clips_that_do_not_go_together_are_not_used(tmp_path: Path) -> None:
    folder = _clips(tmp_path, *FRAME, "go-to")
    (folder / "letters" / "K.wav").write_bytes(b"RIFF not a sound")
    assert join_clips(folder, "K07", "desk-4", False) is None
    with wave.open(str(folder / "letters" / "K.wav"), "wb") as other:
        other.setnchannels(2)
        other.setsampwidth(2)
        other.setframerate(44_100)
        other.writeframes(bytes(400))
    assert join_clips(folder, "K07", "desk-4", False) is None


def test_what_is_announced_is_spoken_as_it_is_shown_in_every_language() -> None:
    for language in Language:
        for each in Prepared:
            assert CATALOGUE.say(language, f"announce.{each.value}")


async def test_a_sentence_that_was_recorded_is_played_and_any_other_spoken(tmp_path: Path) -> None:
    recorded = tmp_path / "clips" / "gu" / "announce" / "long_wait.wav"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(tone(0.5))
    speaker = Speaker(tmp_path, CATALOGUE)
    assert await speaker.tell("gu", CATALOGUE.say("gu", "announce.long_wait")) == tone(0.5)
    other = await speaker.tell("gu", CATALOGUE.say("gu", "announce.system_slow"))
    assert other is not None
    assert seconds(other) > 1
    recorded.write_bytes(b"not a sound")
    assert seconds(await speaker.tell("gu", CATALOGUE.say("gu", "announce.long_wait")) or b"") > 1
    assert await speaker.tell("so", "Fadlan sug.") is None


async def test_that_everyone_must_leave_may_be_recorded_too(tmp_path: Path) -> None:
    recorded = tmp_path / "clips" / "pl" / "announce" / "evacuate.wav"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(tone(0.5))
    speaker = Speaker(tmp_path, CATALOGUE, program="/bin/false")
    assert await speaker.leave("pl") == tone(0.5)
    assert await speaker.leave("en") is None


# The route ------------------------------------------------------------------------------------------------------


def _as(kind: DeviceKind) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[kind]}"}


def test_only_a_call_on_the_lobbys_board_is_spoken_and_only_to_its_board(served: Served) -> None:
    served.sit("priya")
    ticket, _, _ = served.visitor(language=Language.PL)
    priya = served.actor("priya")
    with served.client() as anybody:

        def status(path: str, kind: DeviceKind | None = DeviceKind.DISPLAY) -> int:
            return anybody.get(f"/speech/{ticket}/{path}", headers=_as(kind) if kind else {}).status_code

        assert status("1/en") == 404, "not called yet"
        served.ask(priya, CallNext())
        answer = anybody.get(f"/speech/{ticket}/1/en", headers=_as(DeviceKind.DISPLAY))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "audio/wav"
        assert seconds(answer.content) > 1
        assert status("1/pl") == 200
        assert [status(path) for path in ("1/gu", "2/en", "0/en", "1/..%2fen", "one/en", "1/" + "e" * 3000)] == [
            404, 404, 404, 404, 422, 404,
        ]  # fmt: skip
        assert status("1/en", DeviceKind.KIOSK) == 403
        assert status("1/en", None) in (303, 401)
        served.ask(priya, Recall(ticket=ticket))
        assert (status("2/en"), status("1/en")) == (200, 404)


def test_a_discreet_visit_cannot_be_spoken(served: Served) -> None:
    served.sit("priya")
    shown, _, _ = served.visitor()
    hidden, _, _ = served.visitor("private", discreet=True)
    priya = served.actor("priya")
    called = [served.ask(priya, CallNext()).result]
    served.ask(priya, Arrive(ticket=str((called[0] or {})["ticket"])))
    served.ask(priya, Finish(ticket=str((called[0] or {})["ticket"]), outcome=Outcome.RESOLVED))
    called.append(served.ask(priya, CallNext()).result)
    assert {str((each or {})["ticket"]) for each in called} == {shown, hidden}
    with served.client() as anybody:
        answer = anybody.get(f"/speech/{hidden}/1/en", headers=_as(DeviceKind.DISPLAY))
        assert answer.status_code == 404
        assert anybody.get(f"/speech/{shown}/1/en", headers=_as(DeviceKind.DISPLAY)).status_code == 200


def test_only_what_everyone_is_told_now_is_spoken_and_only_in_its_languages(served: Served) -> None:
    grace = served.actor("grace")
    prepared = Announce(announcement=new_id(), prepared="long_wait")
    typed = Announce(announcement=new_id(), text="--help; please move the blue car $(true).")
    with served.client() as anybody:

        def status(path: str, kind: DeviceKind | None = DeviceKind.DISPLAY) -> int:
            return anybody.get(f"/speech/told/{path}", headers=_as(kind) if kind else {}).status_code

        assert status(f"{prepared.announcement}/en") == 404
        served.ask(grace, prepared)
        served.ask(grace, typed)
        answer = anybody.get(f"/speech/told/{typed.announcement}/en", headers=_as(DeviceKind.DISPLAY))
        assert answer.status_code == 200
        assert seconds(answer.content) > 1
        assert [status(f"{prepared.announcement}/{each}") for each in ("en", "pl", "ur", "so", "..%2fen")] == [
            200, 200, 200, 404, 404,
        ]  # fmt: skip
        assert status(f"{typed.announcement}/pl") == 404, "it was typed in English only"
        assert status("welcome/en") == 404
        assert status(f"{prepared.announcement}/en", DeviceKind.KIOSK) == 403
        assert status(f"{prepared.announcement}/en", None) in (303, 401)
        served.ask(grace, EndAnnouncement(announcement=prepared.announcement))
        assert status(f"{prepared.announcement}/en") == 404


def test_nobody_can_make_a_lobby_say_that_everyone_must_leave_but_who_says_so(served: Served) -> None:
    with served.client() as anybody:

        def status(language: str, kind: DeviceKind = DeviceKind.DISPLAY) -> int:
            return anybody.get(f"/speech/leaving/{language}", headers=_as(kind)).status_code

        assert status("en") == 404
        served.ask(served.actor("priya"), Evacuate(confirmed=True))
        assert [status(each) for each in ("en", "pl", "gu", "xx")] == [200, 200, 404, 404]
        assert status("en", DeviceKind.KIOSK) == 403
        served.ask(served.actor("grace"), Resume())
        assert status("en") == 404
