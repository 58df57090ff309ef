"""When calls are tried again and given up, and what may be called at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.domain.calling import (
    MOST_TRIES,
    fault_of_address,
    fault_of_url,
    networks_of,
    wait_after,
)


def test_tries_grow_apart_and_last_about_three_days() -> None:
    for call in ("a" * 32, "b" * 32, "c" * 32):
        waits = [wait_after(call, tries) for tries in range(1, MOST_TRIES)]
        assert all(wait is not None for wait in waits)
        whole = sum((wait for wait in waits if wait is not None), timedelta())
        assert timedelta(hours=60) < whole < timedelta(hours=84)
        assert wait_after(call, MOST_TRIES) is None
    first = wait_after("a" * 32, 1)
    assert first is not None
    assert timedelta(seconds=4) <= first <= timedelta(seconds=6)


def test_two_calls_that_failed_together_do_not_come_again_together() -> None:
    assert len({wait_after(f"{number:032x}", 9) for number in range(20)}) == 20
    assert wait_after("a" * 32, 9) == wait_after("a" * 32, 9)


def test_the_other_side_may_ask_for_a_while_but_not_for_a_week() -> None:
    assert wait_after("a" * 32, 1, 120) == timedelta(seconds=120)
    assert wait_after("a" * 32, 1, 7 * 86_400) == timedelta(hours=1)
    later = wait_after("a" * 32, 12, 120)
    assert later is not None
    assert later > timedelta(hours=6)


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.gov.uk/hooks",
        "https://crm.example.gov.uk:8443/hooks?x=1",
        "https://[2606:2800:220:1::1]/x",
        "http://localhost:9000/",
        "http://127.0.0.1/x",
        "http://[::1]:8080/",
    ],
)
def test_an_address_with_tls_or_on_this_machine_may_be_called(url: str) -> None:
    assert fault_of_url(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.example.gov.uk",
        "http://crm.example.gov.uk/hooks",
        "http://localhost.example.org/",
        "http://127.0.0.1.example.org/",
        "ftp://crm.example.gov.uk/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///nowhere",
        "https://user:word@crm.example.gov.uk/",
        "https://user@crm.example.gov.uk/",
        "https://crm.example.gov.uk/#part",
        "https://crm.example.gov.uk:99999/",
        "https://crm.example.gov.uk/a b",
        "https://crm.example.gov.uk/\r\nHost: other",
        "https://crm.exämple.gov.uk/",
        "https://[::1",
        "https://crm.example.gov.uk/" + "a" * 500,
    ],
)
def test_what_is_no_safe_address_is_refused_with_a_sentence(url: str) -> None:
    assert fault_of_url(url).endswith((".", "xn--."))


INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:db8::1",
    "not an address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_called_in_whatever_spelling(address: str) -> None:
    assert fault_of_address(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_a_public_address_is_called(address: str) -> None:
    assert fault_of_address(address) == ""


def test_networks_inside_are_called_when_they_are_named() -> None:
    allowed = networks_of("10.20.0.0/16, ::1/128")
    assert fault_of_address("10.20.3.4", allowed) == ""
    assert fault_of_address("::ffff:10.20.3.4", allowed) == ""
    assert fault_of_address("::1", allowed) == ""
    assert fault_of_address("10.21.0.1", allowed)
    assert fault_of_address("127.0.0.1", allowed)


def test_a_network_misspelt_is_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"'10\.0\.0\.1/8' is not a network"):
        networks_of("10.0.0.1/8")
