"""A hand-off by webhook: one signed call that carries the note and the files themselves.

The body is the note as JSON, with each file's content in base64. So what is signed (as Standard Webhooks has it) is everything, 2xx means that
everything is there, and the other side needs neither a way to us nor a second key, as it would for links to fetch. The price is a third more
bytes and a limit: what is over `MOST_WEBHOOK_BYTES` goes by folder or SFTP, or is split by hand. Addresses are judged as those of all
our webhooks (`connectors.hooks`). The id is the hand-off's in every attempt: it tells the other side a repetition.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks.webhooks import Webhook

from server.connectors.team_keys import TeamKeys
from server.domain.calling import Network
from server.domain.hand_off import MOST_WEBHOOK_BYTES, Accepted, Bundle, Later, Never, Result

SECONDS = 120.0
TYPE = "foyer.submission"
AGENT = "Foyer-Webhooks/1"


async def hand_over(
    url: str,
    keys: TeamKeys,
    bundle: Bundle,
    at: datetime,
    *,
    inside: Sequence[Network] = (),
    seconds: float = SECONDS,
) -> Result:
    if not keys.webhook:
        return Later("The team has no webhook secret in the file of keys, and nothing is sent unsigned.")
    if bundle.size > MOST_WEBHOOK_BYTES:
        return Never(
            f"Its files are {bundle.size // 1024 // 1024} MiB, more than a webhook carries ({MOST_WEBHOOK_BYTES // 1024 // 1024} MiB)."
            " Split it and send it again, or download it for the team."
        )
    body, headers = await asyncio.to_thread(_signed, keys, bundle, at)
    from server.connectors import hooks  # at the first call, as in `jobs.calling`

    outcome = await hooks.call(url, headers, body, inside=inside, seconds=seconds)
    if outcome.taken:
        return Accepted(by=f"webhook ({outcome.status})")
    if outcome.gone:
        return Never("It answered 410: it wants nothing any more. Ask the team where to send it.")
    if outcome.status == 413:
        return Never(
            "It answered 413: this is more than it takes at once. Split it, or ask the team to allow more."
        )
    return Later(outcome.why, outcome.retry_after)


def write_body(bundle: Bundle) -> str:
    """The note with the files in it."""
    named = {name: base64.b64encode(body).decode("ascii") for name, _, body in bundle.files}
    files = [{**each, "content": named[each["name"]]} for each in bundle.note["files"]]
    data = {**bundle.note, "files": files}
    return json.dumps(
        {"type": TYPE, "timestamp": bundle.note["received_at"], "data": data}, ensure_ascii=False
    )


def _signed(keys: TeamKeys, bundle: Bundle, at: datetime) -> tuple[bytes, dict[str, str]]:
    body = write_body(bundle)
    signatures = " ".join(Webhook(secret).sign(bundle.id, at, body) for secret in keys.webhook)
    return body.encode(), {
        "content-type": "application/json; charset=utf-8",
        "user-agent": AGENT,
        "webhook-id": bundle.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
    }
