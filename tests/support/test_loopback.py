"""The guard holds for this process and for its children."""

import socket
import urllib.request

import pytest

from tests.support.loopback import LeftTheMachine, is_local
from tests.support.processes import Start


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "0.0.0.0", b"localhost", None]
)
def test_this_machine_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "8.8.8.8", "2001:db8::1", "example.org", "localhost.example.org"]
)
def test_another_machine_is_not(host: str) -> None:
    assert not is_local(host)


def test_connecting_to_another_machine_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock,
        pytest.raises(LeftTheMachine, match=r"192\.0\.2\.1"),
    ):
        sock.connect(("192.0.2.1", 80))


def test_looking_up_another_machine_is_refused() -> None:
    with pytest.raises(LeftTheMachine, match=r"example\.org"):
        urllib.request.urlopen("http://example.org/")


def test_a_child_is_guarded_too(start_process: Start) -> None:
    program = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)"
    start_process("-c", program, ready=r"LeftTheMachine: a test may not leave this machine")
