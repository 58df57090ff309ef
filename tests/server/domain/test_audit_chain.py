"""The chain's bytes and seals: no two rows alike, the same from both databases, and nothing fits that was made without the key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.audit_chain import (
    Head,
    Key,
    Link,
    Row,
    Verifier,
    canonical,
    erasure_of,
    hash_of,
    make_link,
)

KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)
NOW = 1_790_000_000_000_000
BEGINNING = "ab" * 32


def row(number: int, **more: object) -> Row:
    values = {
        "centre_id": 1,
        "at": NOW - 1000 + number,
        "staff_id": 2,
        "what": "looked",
        "about": "submission:1",
        "address": "127.0.0.1",
        "detail": "{}",
    }
    return Row(number, **{**values, **more})  # type: ignore[arg-type]  # hostile values too


def chain(*blocks: list[Row], key: Key = KEY) -> list[tuple[Link, list[Row]]]:
    made: list[tuple[Link, list[Row]]] = []
    verifier = Verifier({})
    for place, block in enumerate(blocks):
        link = make_link(key, verifier.head, BEGINNING, block, NOW + place)
        made.append((link, block))
        list(verifier.look_at(link, block))
    return made


def said(made: list[tuple[Link, list[Row]]], *keys: Key) -> list[str]:
    verifier = Verifier({key.name: key for key in keys or (KEY,)})
    return [finding.say for link, rows in made for finding in verifier.look_at(link, rows)]


THREE = chain([row(1), row(2)], [row(3)], [row(4), row(5)])


def test_what_was_sealed_fits() -> None:
    assert said(THREE) == []


@pytest.mark.parametrize(
    "change",
    [
        {"centre_id": None},
        {"at": NOW - 1001},
        {"staff_id": 3},
        {"staff_id": None},
        {"what": "looke"},
        {"about": "submission:2"},
        {"address": "127.0.0.2"},
        {"detail": '{"a": 1}'},
        {"detail": "no JSON"},
        {"at": b"1"},
    ],
)
def test_a_row_that_was_changed_is_named(change: dict[str, object]) -> None:
    changed = [THREE[0], (THREE[1][0], [row(3, **change)]), THREE[2]]
    assert said(changed) == ["Row 3 was changed after it was sealed in link 2."]


def test_without_the_key_no_link_can_be_made() -> None:
    """Who knows the program, and not the key, makes the whole chain anew over changed rows."""
    forged = chain([row(1), row(2)], [row(3, what="nothing")], [row(4), row(5)], key=OTHER)
    claimed = [(replace(link, key=KEY.name), rows) for link, rows in forged]
    assert len([each for each in said(claimed) if "made without the key" in each]) == 3
    assert all("not in the key file" in each for each in said(forged))


@pytest.mark.parametrize("field", ["first_id", "last_id", "rows", "newest_at", "made_at"])
def test_every_number_of_a_link_is_sealed(field: str) -> None:
    link, rows = THREE[1]
    changed = replace(link, **{field: getattr(link, field) + 1})
    assert "made without the key" in said([THREE[0], (changed, rows), THREE[2]])[0]


def test_a_link_that_is_gone_or_of_another_chain_is_found() -> None:
    assert said([THREE[0], THREE[2]])[0].startswith("Link 2 is missing")
    assert said(THREE[1:])[0].startswith("Link 1 is missing")
    begun_otherwise = (make_link(KEY, None, "cd" * 32, [row(1), row(2)], NOW), [row(1), row(2)])
    assert said([begun_otherwise, *THREE[1:]]) == [
        "Link 2 does not continue link 1: one of them is not from this chain."
    ]


def test_rows_may_go_by_the_houses_word_and_not_by_anybodys() -> None:
    link, _ = THREE[1]
    gone = replace(link, erased_at=NOW + 9, erased=erasure_of(KEY, link, NOW + 9), marks="")
    assert said([THREE[0], (gone, []), THREE[2]]) == []
    for forged in (
        replace(link, erased_at=NOW + 9),
        replace(gone, erased_at=NOW + 10),
        replace(gone, erased=erasure_of(OTHER, link, NOW + 9)),
        replace(gone, erased_at=None),
        replace(gone, erased=""),
    ):
        assert "the house never did" in said([THREE[0], (forged, []), THREE[2]])[0]
    assert "put into it since" in said([THREE[0], (gone, [row(3)]), THREE[2]])[0]


def test_keys_change_and_the_old_ones_check_on() -> None:
    first = chain([row(1)])
    head = first[0][0]
    second = make_link(OTHER, Verifier({}).head or _head(head), BEGINNING, [row(2)], NOW + 1)
    both = [*first, (second, [row(2)])]
    assert said(both, KEY, OTHER) == []
    assert said(both, OTHER) == [
        f"Link 1 was sealed with key '{KEY.name}', which is not in the key file. Put that key back to check it."
    ]


def _head(link: Link) -> Head | None:
    verifier = Verifier({})
    list(verifier.look_at(link, []))
    return verifier.head


def test_an_instant_that_goes_back_is_worth_a_note_and_proves_nothing() -> None:
    late = chain([row(1), row(2, at=NOW - 3_600_000_000)])
    verifier = Verifier({KEY.name: KEY})
    (finding,) = verifier.look_at(*late[0])
    assert not finding.grave
    assert finding.say.startswith("Row 2 says ")


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(documents)
def test_a_detail_has_the_same_bytes_from_either_database(detail: object) -> None:
    """SQLite gives its text as bytes, PostgreSQL as text; neither order of keys nor blanks matter, and every number is exact."""
    text = json.dumps(detail)
    shuffled = json.dumps(_backwards(detail), indent=1)
    assert canonical(row(1, detail=text)) == canonical(row(1, detail=text.encode()))
    assert canonical(row(1, detail=text)) == canonical(row(1, detail=shuffled))


def _backwards(value: object) -> object:
    if isinstance(value, dict):
        return {key: _backwards(each) for key, each in reversed(list(value.items()))}
    return [_backwards(each) for each in value] if isinstance(value, list) else value


values = st.none() | st.integers() | st.text() | st.binary()


@given(st.tuples(*[values] * 7), st.tuples(*[values] * 7))
def test_different_rows_never_have_the_same_bytes(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    def alike(value: object) -> object:
        return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value

    names = ("centre_id", "at", "staff_id", "what", "about", "address")
    first, second = (row(1, **dict(zip(names, each, strict=False))) for each in (one, other))
    same = [alike(each) for each in one[:6]] == [alike(each) for each in other[:6]]
    assert (canonical(first) == canonical(second)) == same


@given(values)
def test_whatever_stands_in_a_row_can_be_read(value: object) -> None:
    assert canonical(row(1, detail=value, at=value, what=value))


def test_numbers_that_look_alike_are_told_apart() -> None:
    bodies = {
        canonical(row(1, detail=text)) for text in ("1", "1.0", "true", '"1"', "-0.0", "0", "1e400", "[1]")
    }
    assert len(bodies) == 8


def test_a_link_is_sealed_over_its_own_hash_only_by_its_key() -> None:
    link, _ = THREE[0]
    assert hash_of(KEY, link) == link.hash
    assert hash_of(OTHER, link) != link.hash
