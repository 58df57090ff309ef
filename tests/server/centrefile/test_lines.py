from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.centrefile.lines import Path, line_index

ODD = '''\
# a comment = "not a key"
top = """
[not.a.header]
still = "text \\\\" with a quote""""
'quoted.key' = \'\'\'
also = text\'\'\'
"esc\\u0061ped" = 1  # [no]

[a.b]
c . d = [1, # one
  { e = "}", f = [
    "]",
    "g" ] },
]
[[list]]
x = 1
[list.sub]
y = 2
[[list]]
z = "a # b"
[[list.inner]]
w = 1979-05-27T07:32:00Z
'''


def paths(value: Any, prefix: Path = ()) -> set[Path]:
    found = {prefix}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        found |= paths(each, (*prefix, key))
    return found


def test_every_key_of_an_odd_file_has_its_line() -> None:
    lines = line_index(ODD)
    assert paths(tomllib.loads(ODD)) <= lines.keys()
    assert lines["top",] == 2
    assert lines["quoted.key",] == 5
    assert lines["escaped",] == 7
    assert lines["a", "b", "c", "d"] == 10
    assert lines["a", "b", "c", "d", 1, "e"] == 11
    assert lines["a", "b", "c", "d", 1, "f", 1] == 13
    assert lines["list", 0, "sub", "y"] == 18
    assert lines["list", 1] == 19
    assert lines["list", 1, "inner", 0, "w"] == 22


def test_line_ends_of_windows_count_once() -> None:
    assert line_index("a = 1\r\nb = [\r\n1,\r\n2]\r\n")["b", 1] == 4


KEYS = st.one_of(st.sampled_from(["a", "b-c", "3"]), st.text(max_size=4))
VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text(max_size=6)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.tuples(KEYS, VALUES), max_size=8, unique_by=lambda pair: pair[0]),
    st.randoms(use_true_random=False),
)
def test_random_files_are_indexed_as_they_were_laid_out(pairs: list[tuple[str, Any]], rng: Any) -> None:
    text, expected, line = "", {}, 1
    for key, value in pairs:
        blank = rng.randrange(3)
        text += "\n" * blank + f"{_toml(key)} = {_toml(value)} # {key!r}\n"
        expected[key] = line + blank
        line += blank + 1
    assert tomllib.loads(text) == dict(pairs)
    lines = line_index(text)
    assert {key: lines[key,] for key, _ in pairs} == expected


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    return str(value)
