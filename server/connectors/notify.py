"""Texts and e-mail through GOV.UK Notify, with its own client.

Whether Notify has a message is never guessed. Each carries our post's id as its `reference`; before any attempt but the first, Notify is asked
by that reference, for the first may have got through though its answer did not (a time-out, a crash). If it cannot be asked, nothing is sent.
What Notify refuses for good (400) is told at once in words staff can act on; what may pass (its rate limit, its own errors, the line) is tried
later; a key it does not know is tried later too, for an administrator puts that right without touching every message.

The client is blocking and not safe between threads: each thread of the pool has its own. Its log would name what it was refused with, so it is
silenced; what is kept is cleared of numbers and addresses.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from server.connectors import letters
from server.connectors.templates import Templates, template_for
from server.domain.posting import MINUTE, UNSURE_WAIT, Later, Never, Parcel, Result, Taken, without_addresses
from wire.vocabulary import Way

logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)

THREADS = 8
SECONDS = 15.0
WRONG_KEY_WAIT, RATE_WAIT, DAY_FULL_WAIT = 5 * MINUTE, MINUTE, 30 * MINUTE
_KEY = re.compile(
    r".+-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)

CLOCK = "Notify says that this server's clock is wrong. Set the clock; messages go out by themselves then."
KEY = "Notify does not accept our key. Put the right one into FOYER_NOTIFY_KEY and restart; messages go out by themselves then."


def is_key(text: str) -> bool:
    """Whether it is written as a key of Notify's is: a name, the service's id, the secret."""
    return _KEY.fullmatch(text) is not None


class Notify:
    def __init__(self, key: str, url: str, templates: Templates, seconds: float = SECONDS) -> None:
        self._key, self._url, self._seconds = key, url.rstrip("/"), seconds
        self._templates = templates
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="notify")
        self._own = threading.local()

    async def send(self, parcel: Parcel) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._send, parcel)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _client(self) -> Any:
        if not hasattr(self._own, "client"):
            # Loaded when there is a message to send: 15 MB and a tenth of a start, which most servers need at neither.
            from notifications_python_client.notifications import NotificationsAPIClient

            make: Any = NotificationsAPIClient  # its library says no types
            self._own.client = make(self._key, base_url=self._url, timeout=self._seconds)
        return self._own.client

    def _send(self, parcel: Parcel) -> Result:
        from notifications_python_client.errors import APIError  # see `_client`

        template = template_for(self._templates, parcel.letter, parcel.way, parcel.language)
        if template is None:
            return Never(
                f"No template at Notify is named for {parcel.letter.value}.{parcel.way.value}. Name one in the file of FOYER_LETTERS."
            )
        try:
            if parcel.ask_first and (found := self._found(parcel.id)):
                return Taken(found)
            return Taken(self._hand_over(parcel, template))
        except APIError as error:
            return judged(error.status_code, error.message, answered=error.response is not None)

    def _found(self, reference: str) -> str:
        """Notify's id of the message with our reference, empty when it has none."""
        answer = self._client().get_all_notifications(reference=reference)
        known = [each for each in answer["notifications"] if each.get("reference") == reference]
        return str(known[0]["id"]) if known else ""

    def _hand_over(self, parcel: Parcel, template: str) -> str:
        given = {"template_id": template, "personalisation": letters.fields(parcel), "reference": parcel.id}
        client = self._client()
        if parcel.way is Way.SMS:
            answer = client.send_sms_notification(phone_number=parcel.address, **given)
        else:
            answer = client.send_email_notification(email_address=parcel.address, **given)
        return str(answer["id"])


def judged(status: int, said: str | Sequence[Mapping[str, Any]], *, answered: bool = True) -> Result:
    """What Notify's refusal means for the message; by its status and kind of error, which it promises to keep, and by its words only to
    put them better."""
    errors = [each for each in said if isinstance(each, Mapping)] if not isinstance(said, str) else []
    kind = str(errors[0].get("error", "")) if errors else ""
    words = "; ".join(str(each.get("message", "")) for each in errors) if errors else str(said)
    if not answered:
        return Later("Notify cannot be reached, or did not answer in time.", UNSURE_WAIT)
    if status == 429:
        if kind == "TooManyRequestsError":
            return Later("The day's limit of messages at Notify is used up.", DAY_FULL_WAIT)
        return Later("Notify takes no more messages this minute.", RATE_WAIT)
    if status in (401, 403):
        return Later(CLOCK if "clock" in words else KEY, WRONG_KEY_WAIT)
    if status == 400 or (status == 404 and kind):
        return Never(_in_plain_words(words))
    return Later(
        "Notify has a fault of its own." if status >= 500 else f"Notify answered {status}.", UNSURE_WAIT
    )


_PLAIN = (
    (
        "Missing personalisation",
        "The template at Notify asks for a field we do not send ({}). Set it up as 'foyer letters' writes it.",
    ),
    ("Template not found", "Notify has no template of the ID we gave. Look at the file of FOYER_LETTERS."),
    (
        "Template has been deleted",
        "The template was deleted at Notify. Set it up again and name its ID in the file of FOYER_LETTERS.",
    ),
    ("is not a valid", "An ID in the file of FOYER_LETTERS is not one that Notify knows ({})."),
    (
        "trial mode",
        "Our service at Notify is still in trial mode and may not write to visitors. Ask Notify to make it live.",
    ),
    ("team-only", "The key is for our own team only. Put a live key into FOYER_NOTIFY_KEY."),
    (
        "international",
        "Texts to foreign numbers are turned off for our service at Notify. Ring them, or turn it on there.",
    ),
    ("phone_number", "Notify says that this is no number it can text. Ring them or ask for another number."),
    ("email_address", "Notify says that this is no e-mail address. Ring them or ask for another address."),
)


def _in_plain_words(words: str) -> str:
    for sign, sentence in _PLAIN:
        if sign in words and not (sign == "is not a valid" and "email_address" in words):
            return sentence.format(without_addresses(words))[:300]
    return f"Notify refused it: {without_addresses(words)}"
