"""A hand-off as one signed call, and as a mail to a team of our own."""

from __future__ import annotations

import base64
import email
import email.policy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from server.connectors import team_hook, team_mail
from server.connectors.smtp import UNSURE, Smtp
from server.connectors.team_keys import TeamKeys
from server.domain.calling import networks_of
from server.domain.hand_off import (
    MOST_MAIL_BYTES,
    MOST_WEBHOOK_BYTES,
    Accepted,
    Bundle,
    Laid,
    Later,
    Never,
)
from tests.support.mailbox import Mailbox, mail_server
from tests.support.otherside import answer, other_side

HERE = networks_of("127.0.0.0/8")
NEW, OLD = ("whsec_" + base64.b64encode(each * 32).decode() for each in (b"n", b"o"))
KEYS = TeamKeys(webhook=(NEW, OLD))
PDF = bytes(range(256)) * 40
LINK = "https://q.test/papers/x"


def bundle(body: bytes = PDF) -> Bundle:
    note = {
        "reference": "BCDF-3467",
        "received_at": "2026-11-24T10:00:00.000Z",
        "what_name": "Housing",
        "centre_name": "York House",
        "pages": 3,
        "case": "HB 12345",
        "files": [{"name": "BCDF3467-papers.pdf", "type": "application/pdf"}],
    }
    return Bundle("a" * 32, "BCDF3467", note, [("BCDF3467-papers.pdf", "application/pdf", body)])


async def called(answers: tuple[bytes, ...], keys: TeamKeys = KEYS, what: Bundle | None = None) -> Any:
    async with other_side(*answers) as side:
        result = await team_hook.hand_over(side.url, keys, what or bundle(), datetime.now(UTC), inside=HERE)
    return result, side.heard


async def test_one_call_carries_everything_and_is_signed_with_both_secrets() -> None:
    result, (heard,) = await called((answer(202),))
    assert result == Accepted("webhook (202)")
    for secret in (NEW, OLD):
        event = Webhook(secret).verify(heard.body, heard.headers)
    assert heard.headers["webhook-id"] == "a" * 32
    assert event["type"] == "foyer.submission"
    assert event["timestamp"] == "2026-11-24T10:00:00.000Z"
    (file,) = event["data"]["files"]
    assert base64.b64decode(file["content"]) == PDF
    assert event["data"]["reference"] == "BCDF-3467"


@pytest.mark.parametrize(
    ("said", "kind", "why"),
    [
        (answer(500), Later, "It answered 500."),
        (answer(503, "retry-after: 120"), Later, "It answered 503."),
        (answer(301, "location: https://elsewhere"), Later, "a redirect"),
        (answer(410), Never, "410"),
        (answer(413), Never, "more than it takes"),
    ],
)
async def test_each_other_answer_means_what_it_says(said: bytes, kind: type[Any], why: str) -> None:
    result, heard = await called((said,))
    assert isinstance(result, kind)
    assert why in result.why
    assert len(heard) == 1
    assert getattr(result, "asked", 0) == (120 if b"503" in said else 0)


async def test_nothing_is_sent_unsigned_too_large_or_to_inside() -> None:
    unsigned, heard = await called((answer(200),), TeamKeys())
    assert isinstance(unsigned, Later)
    assert heard == []
    large, heard = await called((answer(200),), what=bundle(bytes(MOST_WEBHOOK_BYTES + 1)))
    assert isinstance(large, Never)
    assert "Split it" in large.why
    assert heard == []
    async with other_side(answer(200)) as side:
        result = await team_hook.hand_over(side.url, KEYS, bundle(), datetime.now(UTC))
    assert isinstance(result, Later)
    assert side.connections == 0


# Mail ------------------------------------------------------------------------------------------------------------------


async def mailed(box: Mailbox, *, attach: bool, unsure: bool = False, body: bytes = PDF) -> Any:
    async with mail_server(box, data_size_limit=40_000_000) as port:
        smtp = Smtp("127.0.0.1", port, "foyer@example.gov.uk", seconds=5)
        return await team_mail.hand_over(
            smtp, "housing@example.gov.uk", bundle(body), attach=attach, link=LINK, unsure=unsure
        )


def read(box: Mailbox) -> Any:
    (raw,) = box.mails
    return email.message_from_bytes(raw, policy=email.policy.default)


async def test_a_link_is_told_and_nothing_of_the_visitor() -> None:
    box = Mailbox()
    assert await mailed(box, attach=False) == Laid()
    message = read(box)
    assert message["subject"] == "Housing: BCDF-3467, 3 pages"
    assert message["message-id"] == f"<{'a' * 32}@example.gov.uk>"
    assert LINK in message.get_content()
    assert "12345" not in message.as_string()


async def test_papers_are_attached_where_the_team_asked_for_it() -> None:
    box = Mailbox()
    assert await mailed(box, attach=True) == Accepted("e-mail to housing@example.gov.uk")
    parts = {each.get_filename(): each.get_content() for each in read(box).iter_attachments()}
    assert parts["BCDF3467-papers.pdf"] == PDF
    assert json.loads(parts["BCDF3467.json"])["case"] == "HB 12345"


async def test_too_much_for_a_mailbox_goes_as_a_link() -> None:
    box = Mailbox()
    assert await mailed(box, attach=True, body=bytes(MOST_MAIL_BYTES + 1)) == Laid()
    assert list(read(box).iter_attachments()) == []


async def test_papers_that_may_have_got_through_are_not_sent_again_by_themselves() -> None:
    assert await mailed(Mailbox(hang_up=True), attach=True) == Never(UNSURE)
    box = Mailbox()
    assert await mailed(box, attach=True, unsure=True) == Never(UNSURE)
    assert box.mails == []
    assert await mailed(box, attach=False, unsure=True) == Laid()  # a link twice does no harm


async def test_a_mail_server_that_refuses_or_is_not_set_is_said() -> None:
    assert isinstance(await mailed(Mailbox(rcpt="451 later"), attach=True), Later)
    assert isinstance(await mailed(Mailbox(rcpt="550 nobody"), attach=False), Never)
    unset = await team_mail.hand_over(None, "a@b.uk", bundle(), attach=False, link=LINK, unsure=False)
    assert unset == Later(team_mail.NO_SERVER)
