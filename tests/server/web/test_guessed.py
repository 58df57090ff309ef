"""Passwords that are guessed first, and those that are not."""

from __future__ import annotations

import pytest

from server.web import guessed, passwords

_GUESSED = """
1q2w3e4r5t6y q1w2e3r4t5y6 qazwsxedcrfv zaq12wsxcde3 1qaz2wsx3edc qwertyuiop123 qwerty123456 asdfghjkl123 zxcvbnm12345 1234567890qwerty
123456789abc abcd1234abcd abc123abc123 987654321000 0987654321qwe poiuytrewq12 password12345 p@ssw0rd2026! passwordpassword iloveyou1234
iloveyouforever princess1234 football2024 sunshine1234 manchester12 manchesterunited liverpool123 liverpoolliverpool arsenal12345
charlie12345 chocolate123 computer1234 superman1234 michael12345 jennifer2000 elizabeth123 christopher1 alexander2015 butterfly123
chelseafc2012 newcastle2023 harrypotter7 starwars1977 minecraft123 welcome12345 letmein123456 administrator changeme1234 test12345678
administrator1 summer2026summer! monday-friday-1 muhammad1234 qwertzuiop12 tigertigertiger1 tigerbananatiger summerautumnwinter foyercouncilkiosk
"""
_CHOSEN = """
lantern otter gravel|harbour violin teapot|a harbour of quiet lanterns|the counter sang gravely|4821 7736 9905 1248|correct horse battery|
лестница и чайник|!#/(=?)(/&%¤#!?=|monkey lantern gravel|kilo-vadu-rebo-tifa|x7Kp-q9Lm-2Rt5-w8|my summer boat leaks again|Purple kettles sing at noon|
ਚਾਹ ਦੀ ਪਿਆਲੀ ਗਰਮ ਹੈ|eleven wet umbrellas|ttrwp-9-oakham-plinth|tiger banana guitar|purple tiger piano|coffee guitar flower
"""
GUESSED, CHOSEN = _GUESSED.split(), _CHOSEN.replace("\n", "").split("|")


@pytest.mark.parametrize("password", GUESSED)
def test_what_every_list_begins_with_is_refused(password: str) -> None:
    assert len(password) >= passwords.LEAST_CHARACTERS, "or its length alone would have it refused"
    assert passwords.fault_of(password)
    assert passwords.fault_of(password.title())


@pytest.mark.parametrize("password", CHOSEN)
def test_what_nobody_guesses_is_taken(password: str) -> None:
    assert passwords.fault_of(password) is None


def test_so_many_of_the_usual_ones_are_refused_as_a_list_would_have() -> None:
    endings = ("123", "1234", "12345", "123456", "2025", "2026", "!", "1!", "007")
    common = {word + ending for word in guessed.WORDS for ending in endings}
    long = {each for each in common if len(each) >= passwords.LEAST_CHARACTERS}
    assert len(long) > 600
    assert not [each for each in long if passwords.fault_of(each) is None]
