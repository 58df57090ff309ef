"""E-mail through a mail server, which is a real one here (aiosmtpd), well or badly behaved."""

from __future__ import annotations

import email
import email.policy
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server.connectors.smtp import SLOW, UNSURE, Smtp, tls_for
from server.domain.posting import Facts, Later, Never, Parcel, Result, Taken
from tests.support.mailbox import Mailbox, mail_server
from wire.vocabulary import Letter, Way, new_id

FACTS = Facts(
    "York House",
    "Europe/London",
    {},
    "1 High Street",
    1_795_692_600_000_000,
    "BCDF-3467",
    link="https://q.test/b/x",
)


def parcel(language: str = "en", unsure: bool = False) -> Parcel:
    return Parcel(new_id(), Letter.CONFIRMED, Way.EMAIL, language, "jane@example.org", FACTS, 1, unsure)


def line(port: int, **more: Any) -> Smtp:
    return Smtp("127.0.0.1", port, "foyer@example.gov.uk", **{"seconds": 5, **more})


async def sent(box: Mailbox, what: Parcel | None = None, **more: Any) -> Result:
    async with mail_server(box) as port:
        return await line(port, **more).send(what or parcel())


async def test_a_letter_arrives_whole_in_a_right_to_left_language() -> None:
    box, what = Mailbox(), parcel("ur")
    assert await sent(box, what) == Taken()
    (raw,) = box.mails
    message: Any = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["subject"] == "آپ کی اپائنٹمنٹ طے ہو گئی ہے"
    assert message["from"] == "York House <foyer@example.gov.uk>"
    assert message["message-id"] == f"<{what.id}@example.gov.uk>"
    assert message["auto-submitted"] == "auto-generated"
    plain = message.get_body(("plain",)).get_content()
    assert "https://q.test/b/x" in plain
    assert "York House, 1 High Street" in plain
    page = message.get_body(("html",)).get_content()
    assert '<html lang="ur" dir="rtl">' in page
    assert '<a href="https://q.test/b/x">' in page


@pytest.mark.parametrize(
    ("box", "kind", "why"),
    [
        (Mailbox(rcpt="550 no such user"), Never, "no such mailbox"),
        (Mailbox(rcpt="451 greylisted"), Later, "does not take mail for this address just now"),
        (Mailbox(data="554 spam"), Never, "for good (it answered 554)"),
        (Mailbox(data="452 full"), Later, "for now (it answered 452)"),
        (Mailbox(hang_up=True), Never, UNSURE),
    ],
)
async def test_each_answer_means_what_it_says(box: Mailbox, kind: type[Any], why: str) -> None:
    result = await sent(box)
    assert isinstance(result, kind)
    assert why in result.why


async def test_one_that_a_dead_server_had_in_hand_is_left_to_a_person() -> None:
    box = Mailbox()
    assert await sent(box, parcel(unsure=True)) == Never(UNSURE)
    assert box.mails == []


async def test_a_mail_server_that_is_down_is_tried_later() -> None:
    assert isinstance(await line(9).send(parcel()), Later)


async def test_one_that_answers_each_line_just_in_time_is_left_all_the_same() -> None:
    """Or a message would be in hand for longer than another server of ours waits for it."""
    box = Mailbox(dawdles=0.7)
    assert await sent(box, seconds=1.0) == Later(SLOW)
    assert box.mails == []


async def test_without_encryption_nothing_leaves(tmp_path: Path) -> None:
    assert (tls_for("mail.example.org", 587), tls_for("mail.example.org", 465)) == (
        "starttls",
        "from the start",
    )
    assert (tls_for("127.0.0.1", 2525), tls_for("localhost", 25)) == ("none", "none")
    box = Mailbox()
    assert await sent(box, tls="starttls") == Later(
        "The mail server offers no encryption, and without it nothing is sent."
    )
    assert box.mails == []


async def test_a_certificate_is_checked_and_a_password_given_only_behind_it(
    certificate: tuple[Path, Path],
) -> None:
    chain, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    trusting = ssl.create_default_context(cafile=str(chain))
    box = Mailbox()
    login = {"user": "foyer", "password": "open sesame"}
    async with mail_server(box, context) as port:
        doubtful = await line(port, tls="starttls", **login).send(parcel())
        known = await line(port, tls="starttls", context=trusting, **login).send(parcel())
        wrong = await line(port, tls="starttls", context=trusting, user="foyer", password="no").send(parcel())
    assert isinstance(doubtful, Later)
    assert known == Taken()
    assert isinstance(wrong, Later)
    assert "FOYER_SMTP_PASSWORD" in wrong.why
    assert (box.users, len(box.mails)) == (["foyer"], 1)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """One that names this machine and vouches for itself, and its key."""
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=mail.test",
    ]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)]
    subprocess.run(made, check=True, capture_output=True)
    return chain, key
