"""On which line of a TOML file each key stands, also inside inline tables and arrays.

No TOML reader for Python tells this, and a mistake without its line is of little help in a file of a
thousand. The text is known to be good TOML already (`tomllib` has read it), so this only has to find where
statements, keys and values begin, not to judge them.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SIMPLE = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_SCALAR_ENDS = ",]}#\n"


def line_index(text: str) -> dict[Path, int]:
    """The line (from 1) of each key, table and array element of good TOML, by its path."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._prefix: Path = ()
        self._lengths: dict[Path, int] = {}
        self.lines: dict[Path, int] = {(): 1}

    def document(self) -> None:
        while True:
            self._skip_blank()
            if self._at >= len(self._text):
                return
            if self._peek() == "[":
                self._header()
            else:
                self._pair(self._prefix)

    # Statements -----------------------------------------------------------------------------------

    def _header(self) -> None:
        line = self._line
        is_array = self._text.startswith("[[", self._at)
        self._go(2 if is_array else 1)
        keys = self._dotted_key()
        self._go(2 if is_array else 1)
        path: Path = ()
        for key in keys[:-1]:
            self._note((*path, key), line)
            path = self._newest((*path, key))
        path = (*path, keys[-1])
        if is_array:
            length = self._lengths.get(path, 0)
            self._lengths[path] = length + 1
            self.lines.setdefault(path, line)
            path = (*path, length)
        self._note(path, line)
        self._prefix = path

    def _newest(self, path: Path) -> Path:
        """Below an array of tables a header means its newest one."""
        length = self._lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _pair(self, prefix: Path) -> None:
        line = self._line
        path: Path = prefix
        for key in self._dotted_key():
            path = (*path, key)
            self._note(path, line)
        self._go(1)  # the equals sign
        self._value(path)

    def _note(self, path: Path, line: int) -> None:
        self.lines.setdefault(path, line)

    # Keys and values ------------------------------------------------------------------------------

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip_spaces()
            if self._peek() in "\"'":
                keys.append(self._string())
            else:
                match = _BARE.match(self._text, self._at)
                assert match is not None, "the text was to be good TOML"
                keys.append(match[0])
                self._go(len(match[0]))
            self._skip_spaces()
            if self._peek() != ".":
                return keys
            self._go(1)

    def _value(self, path: Path) -> None:
        self._skip_spaces()
        match self._peek():
            case '"' | "'":
                self._string()
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                while self._at < len(self._text) and self._peek() not in _SCALAR_ENDS:
                    self._go(1)

    def _array(self, path: Path) -> None:
        self._go(1)
        index = 0
        while True:
            self._skip_blank()
            if self._peek() == "]":
                self._go(1)
                return
            if self._peek() == ",":
                self._go(1)
                continue
            self._note((*path, index), self._line)
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: Path) -> None:
        self._go(1)
        while True:
            self._skip_blank()
            if self._peek() == "}":
                self._go(1)
                return
            if self._peek() == ",":
                self._go(1)
                continue
            self._pair(path)

    def _string(self) -> str:
        quote = self._peek()
        mark = quote * 3 if self._text.startswith(quote * 3, self._at) else quote
        start = self._at + len(mark)
        end = start
        while not self._text.startswith(mark, end):
            end += 2 if quote == '"' and self._text[end] == "\\" else 1
        while len(mark) == 3 and self._text.startswith(quote, end + 3):
            end += 1  # up to two quotes may stand before the closing three
        content = self._text[start:end]
        self._go(end + len(mark) - self._at)
        return content if quote == "'" else _ESCAPE.sub(_unescape, content)

    # Moving on ------------------------------------------------------------------------------------

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _go(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def _skip_spaces(self) -> None:
        while self._peek() in (" ", "\t"):
            self._at += 1

    def _skip_blank(self) -> None:
        """White space, line ends and comments."""
        while self._at < len(self._text):
            if self._peek() == "#":
                end = self._text.find("\n", self._at)
                self._go((len(self._text) if end < 0 else end) - self._at)
            elif self._peek() in " \t\n":
                self._go(1)
            else:
                return


def _unescape(match: re.Match[str]) -> str:
    escape = match[1]
    return chr(int(escape[1:], 16)) if escape[0] in "uU" else _SIMPLE.get(escape, escape)
