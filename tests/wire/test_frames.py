"""What is not a frame is refused with a sentence that names the place and never repeats the content."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.asks import AddNote, CallNext, Issue, clean_text
from wire.frames import (
    MAX_MESSAGE_BYTES,
    Answer,
    Ask,
    Beat,
    Bye,
    Cursor,
    Delta,
    Hello,
    Malformed,
    Refusal,
    Snapshot,
    read_client_frame,
    read_server_frame,
)
from wire.vocabulary import CODE_LETTERS, RefusalCode, new_id

ID = "0" * 32
SECRET = "a-secret-nobody-may-read-in-a-log"

_texts = st.text(max_size=60)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=12,
)
_nearly = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "ask", "snapshot", "delta", "beat", "answer", "bye"])},
    optional=dict.fromkeys(
        ("id", "body", "cursor", "seq", "put", "drop", "rows", "now", "protocol", "code", "say"), _json
    ),
)


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_are_a_frame_or_malformed(message: bytes | str) -> None:
    for read in (read_client_frame, read_server_frame):
        with contextlib.suppress(Malformed):
            read(message)


@given(_nearly)
def test_what_is_nearly_a_frame_is_one_or_malformed(message: dict[str, Any]) -> None:
    text = json.dumps(message)
    for read in (read_client_frame, read_server_frame):
        try:
            frame = read(text)
        except Malformed:
            continue
        assert read(frame.encode()) == frame


@pytest.mark.parametrize(
    "message",
    [
        "",
        "\x00",
        "{",
        "[" * 20_000,
        '{"type":' * 9_000,
        "9" * MAX_MESSAGE_BYTES,
        '"' + "\\u0000" * 5_000 + '"',
        b"\xff\xfe{}",
        '{"type":"hello"}',
        '{"type":"hello","protocol":"one"}',
        '{"type":"hello","protocol":1,"admin":true}',
        '{"type":"hello","protocol":1,"app":"' + "a" * 41 + '"}',
        '{"type":"hello","protocol":1,"cursor":{"epoch":"' + "e" * 33 + '","seq":0}}',
        '{"type":"hello","protocol":1,"cursor":{"epoch":"e","seq":-1}}',
        '{"type":"snapshot","cursor":{"epoch":"e","seq":1},"now":1,"rows":{}}',
        '{"type":"ask","id":"' + ID + '","body":{"do":"call_next","ticket":"' + ID + '"}}',
        '{"type":"ask","id":"' + ID + '","body":{"do":"drop_tables"}}',
        '{"type":"ask","id":"' + ID + '","body":{}}',
        '{"type":"ask","id":"' + ID[:-1] + '","body":{"do":"call_next"}}',
        '{"type":"ask","id":"' + ID[:-1] + 'G","body":{"do":"call_next"}}',
        '{"type":"ask","id":["' + ID + '"],"body":{"do":"call_next"}}',
    ],
    ids=lambda message: repr(message[:44]),
)
def test_what_a_client_may_not_say_is_refused(message: str | bytes) -> None:
    with pytest.raises(Malformed):
        read_client_frame(message)


@pytest.mark.parametrize(
    "message",
    [
        json.dumps({"type": "hello", "protocol": SECRET}),
        json.dumps({"type": "ask", "id": SECRET, "body": {"do": "call_next"}}),
        json.dumps({"type": "ask", "id": ID, "body": {"do": "add_note", "ticket": SECRET, "note": SECRET}}),
    ],
)
def test_the_reason_never_repeats_what_was_sent(message: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_client_frame(message)
    assert SECRET not in str(caught.value)


def test_every_frame_survives_the_wire() -> None:
    cursor = Cursor(epoch="e1", seq=3)
    for frame in (
        Snapshot(cursor=cursor, now=5, rows={"call:1": {"code": "K07", "where": "ડેસ્ક ૪"}}),
        Delta(seq=4, put={"a": {"n": None}}, drop=["b"]),
        Beat(cursor=cursor, now=5),
        Answer(id=ID, result={}),
        Answer(id=ID, refusal=Refusal(code=RefusalCode.CLOSED, say="We are closed.")),
        Bye(code="slow", say="Too slow.", retry_seconds=1),
    ):
        assert read_server_frame(frame.encode()) == frame
    for said in (Hello(protocol=1, cursor=cursor, app="board"), Ask(id=new_id(), body=CallNext())):
        assert read_client_frame(said.encode()) == said


def test_a_null_inside_a_row_is_still_there_after_the_wire() -> None:
    """Rows tell 'nothing' from 'not said': a sign's empty code must not become a sign without the field."""
    frame = Snapshot(cursor=Cursor(epoch="e1", seq=0), now=1, rows={"sign": {"code": None}})
    assert json.loads(frame.encode())["rows"] == {"sign": {"code": None}}


def test_a_later_server_may_say_more_but_a_client_may_not() -> None:
    beat = '{"type":"beat","cursor":{"epoch":"e","seq":1,"shard":2},"now":1,"mood":"good"}'
    assert read_server_frame(beat) == Beat(cursor=Cursor(epoch="e", seq=1), now=1)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  has\ttwo\r\nlines ", "has two lines"),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("note \u202edesrever", "note desrever"),
        ("\u2066isolated\u2069\ufeff", "isolated"),
        ("e\u0301", "é"),
        ("ક\u200dષ", "ક\u200dષ"),
        ("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "😀"),
    ],
)
def test_free_text_is_cleaned_of_what_no_reader_sees(written: str, kept: str) -> None:
    assert clean_text(written) == kept
    assert AddNote(ticket=ID, note=written).note == kept


@given(_texts)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize("note", ["", "x" * 501, "x" * 10_000])
def test_a_note_too_short_or_too_long_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match="note"):
        AddNote(ticket=ID, note=note)


@pytest.mark.parametrize(
    "code", ["K7", "k07", "07", "KK07", "I07", "O07", "Q01", "S01", "Z01", "K07 ", "K٠٧", "K123456", ""]
)
def test_a_code_that_cannot_be_a_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        Issue(visit=ID, ticket=ID, code=code, service="council-tax", follow_hash="0" * 64)


def test_every_letter_of_the_vocabulary_makes_a_code() -> None:
    for letter in CODE_LETTERS:
        Issue(visit=ID, ticket=ID, code=f"{letter}07", service="council-tax", follow_hash="0" * 64)
