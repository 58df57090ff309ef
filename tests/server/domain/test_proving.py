"""Codes of an authenticator app, and who must have one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from server.domain.proving import is_stale, must_have_factor, step_of
from wire.vocabulary import Role

NOW = datetime(2026, 11, 24, 10, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""Of RFC 6238's test vectors: the ASCII digits 12345678901234567890."""


@pytest.mark.parametrize(
    ("seconds", "eight"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, eight: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert step_of(SECRET, eight[2:], at, 0) == seconds // 30


@pytest.mark.parametrize(("off", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_whose_clock_is_a_little_off_is_right_and_one_far_off_is_not(off: int, right: bool) -> None:
    code = pyotp.TOTP(SECRET).generate_otp(STEP + off)
    assert step_of(SECRET, code, NOW, 0) == (STEP + off if right else None)


def test_no_code_is_taken_twice_nor_one_older_than_the_last() -> None:
    now, before = pyotp.TOTP(SECRET).generate_otp(STEP), pyotp.TOTP(SECRET).generate_otp(STEP - 1)
    assert step_of(SECRET, now, NOW, STEP) is None
    assert step_of(SECRET, before, NOW, STEP) is None
    assert step_of(SECRET, now, NOW, STEP - 1) == STEP


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345"])
def test_what_is_no_six_digits_is_no_code(typed: str) -> None:
    assert step_of(SECRET, typed, NOW, 0) is None


def test_spaces_in_a_code_do_not_matter() -> None:
    code = pyotp.TOTP(SECRET).generate_otp(STEP)
    assert step_of(SECRET, f" {code[:3]} {code[3:]} ", NOW, 0) == STEP


def test_who_must_have_a_factor() -> None:
    admin, adviser = {Role.ADMINISTRATOR, Role.ADVISER}, {Role.ADVISER}
    assert not must_have_factor("chosen", admin, emergency=False, means="password")
    assert must_have_factor("administrators", admin, emergency=False, means="password")
    assert not must_have_factor("administrators", adviser, emergency=False, means="password")
    assert must_have_factor("everybody", adviser, emergency=False, means="password")
    assert must_have_factor("managers", {Role.MANAGER}, emergency=False, means="password")
    assert must_have_factor("managers", admin, emergency=False, means="password")
    assert not must_have_factor("managers", adviser | {Role.GREETER}, emergency=False, means="password")
    assert not must_have_factor("administrators", {Role.MANAGER}, emergency=False, means="password")
    assert must_have_factor("chosen", adviser, emergency=True, means="password")
    assert not must_have_factor("everybody", admin, emergency=False, means="sso")


def test_proof_grows_stale_and_one_of_the_future_is_none() -> None:
    assert not is_stale(NOW, NOW, 15)
    assert not is_stale(NOW - timedelta(minutes=15), NOW, 15)
    assert is_stale(NOW - timedelta(minutes=16), NOW, 15)
    assert not is_stale(NOW + timedelta(seconds=30), NOW, 15)
    assert is_stale(NOW + timedelta(hours=1), NOW, 15)
