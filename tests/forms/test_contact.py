"""What visitors type as a telephone number or an e-mail address, as they really type it."""

from __future__ import annotations

import pytest

from forms.contact import FAULTS, Email, Fault, Phone, read_email, read_phone

MOBILE = Phone("+447700900123", textable=True, foreign=False)


@pytest.mark.parametrize(
    "typed",
    [
        "07700 900123",
        " 07700-900-123 ",
        "(07700) 900 123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "tel:07700900123",
        "٠٧٧٠٠٩٠٠١٢٣",
        "۰۷۷۰۰ ۹۰۰۱۲۳",
        "૦૭૭૦૦ ૯૦૦૧૨૩",
        "07700\u00a0900123",
        "\u202a07700 900123\u202c",
        "07700\u2011900\u2013123",
    ],
)
def test_one_mobile_however_it_is_written(typed: str) -> None:
    assert read_phone(typed) == MOBILE


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0116 454 1000", Phone("+441164541000", textable=False, foreign=False)),
        ("01632 960 001", Phone("+441632960001", textable=False, foreign=False)),
        ("070 1234 5678", Phone("+447012345678", textable=False, foreign=False)),
        ("+48 512 345 678", Phone("+48512345678", textable=True, foreign=True)),
        ("+48 22 624 66 66", Phone("+48226246666", textable=False, foreign=True)),
        ("07400 123456", Phone("+447400123456", textable=True, foreign=False)),
        ("+44 7797 712345", Phone("+447797712345", textable=True, foreign=False)),
    ],
)
def test_landlines_personal_and_foreign_numbers_are_told_apart(typed: str, read: Phone) -> None:
    assert read_phone(typed) == read


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "phone_empty"),
        (" \u200e ", "phone_empty"),
        ("none", "phone_malformed"),
        ("0800 REVERSE", "phone_malformed"),
        ("07700 900123 (home)", "phone_malformed"),
        ("++", "phone_malformed"),
        ("999", "phone_short"),
        ("077009001234567", "phone_long"),
        ("+999 123456", "phone_country"),
        ("06000 000000", "phone_unknown"),
    ],
)
def test_what_no_telephone_has_is_a_fault(typed: str, key: str) -> None:
    assert read_phone(typed) == Fault(key)
    assert key in FAULTS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jane@gmial.com", "jane@gmail.com"),
        ("jane@hotmial.com", "jane@hotmail.com"),
        ("jane@yahoo.con", "jane@yahoo.com"),
        ("jane@gmail.co", "jane@gmail.com"),
        ("jane@hotmail.couk", "jane@hotmail.co.uk"),
        ("jane@yaho.co.uk", "jane@yahoo.co.uk"),
        ("jane@firm.con", "jane@firm.com"),
        ("jane@btinternt.com", "jane@btinternet.com"),
        ("jane@example.org", None),
        ("jane@mail.com", None),
        ("jane@sly.com", None),
        ("jane@gmail.com", None),
        ("o'neill+bins@sub.example.co.uk", None),
    ],
)
def test_a_slip_is_asked_about_and_a_real_address_is_not(typed: str, meant: str | None) -> None:
    assert read_email(typed) == Email(typed, meant)


def test_what_comes_with_copied_text_is_taken_off() -> None:
    assert read_email(" mailto:Jane.Doe@Example.ORG. ") == Email("Jane.Doe@example.org")
    assert read_email("<jane@example.org>,") == Email("jane@example.org")
    assert read_email("jane@ex\u00e4mple.de") == Email("jane@xn--exmple-cua.de")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault("email_empty")),
        ("jane", Fault("email_at")),
        ("jane@doe@example.org", Fault("email_at")),
        ("jane doe@example.org", Fault("email_space")),
        (".jane@example.org", Fault("email_name")),
        ("ja..ne@example.org", Fault("email_name")),
        ("jané@example.org", Fault("email_name")),
        ("@example.org", Fault("email_name")),
        ("jane@gmailcom", Fault("email_domain", "jane@gmail.com")),
        ("jane@gmail,com", Fault("email_domain", "jane@gmail.com")),
        ("jane@gmail..com", Fault("email_domain", "jane@gmail.com")),
        ("jane@-example.org", Fault("email_domain")),
        ("jane@localhost", Fault("email_domain")),
        ("jane@[192.0.2.1]", Fault("email_domain")),
        ("jane@192.0.2.1", Fault("email_domain")),
        (f"{'a' * 65}@example.org", Fault("email_long")),
        (f"a@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 60}.org", Fault("email_long")),
    ],
)
def test_what_no_mailbox_has_is_a_fault(typed: str, fault: Fault) -> None:
    assert read_email(typed) == fault
    assert fault.key in FAULTS
