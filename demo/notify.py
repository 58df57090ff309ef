"""A stand-in for GOV.UK Notify: the same paths, the same checks, the same errors, and a page where the visitors' phones and mailboxes can be looked at.

Tests and the demonstration send to it through Notify's own client, so a field too many, a clock that is wrong or a number that is none are
refused here as they are there (its public documentation, and what its client reads). It keeps what it was sent in memory and calls back
with receipts and with what is texted back, with the bearer token, as Notify does. `Faults` makes it slow, full, broken or deaf. It listens
on loopback only.

`python -m demo.notify --port 8490 --back http://127.0.0.1:8000` runs it by itself and says with which settings the server finds it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from demo import phones
from demo.notify_rules import (
    FIELD,
    claims,
    clock,
    errors,
    fate,
    is_foreign,
    is_uuid,
    recipient,
    template_row,
)
from demo.phones import Message
from server.clock import Clock
from server.connectors import letters
from wire.vocabulary import Letter, Way

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"  # noqa: S105 - of a stand-in, and in no other place
KEY = f"foyer_demo-{SERVICE}-{SECRET}"
BEARER = "receipts-of-the-stand-in"
CLOCK_SECONDS = 30
PER_MINUTE = 3000
A_PAGE = 250
_SPACE = uuid.UUID("6f0d6cf4-7c7c-4b1c-9d3a-3f5b8a1c0d11")
_SMS_KEYS = frozenset({"phone_number", "template_id", "personalisation", "reference", "sms_sender_id"})
_EMAIL_KEYS = frozenset(
    {
        "email_address",
        "template_id",
        "personalisation",
        "reference",
        "email_reply_to_id",
        "one_click_unsubscribe_url",
        "sanitise_content_for",
    }
)


def template_id(letter: Letter, way: Way, language: str) -> str:
    """The stand-in's template of a letter; always the same, so a file of them need not be kept."""
    return str(uuid.uuid5(_SPACE, f"{letter.value}.{way.value}.{language}"))


def write_letters(path: Path) -> None:
    """The file that `FOYER_LETTERS` names, with the stand-in's templates."""
    lines = []
    for letter, way in letters.kinds():
        lines.append(f"[{letter.value}.{way.value}]")
        lines += [f'{language} = "{template_id(letter, way, language)}"' for language in letters.languages()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _seconds() -> float:
    """Since 1970, by this machine's clock: the token's half minute is of real time, however fast a demonstration runs."""
    return Clock().micros() / 1_000_000


@dataclass
class Faults:
    """What goes wrong, until it is set back. `lose_answer`: the message is taken, and the answer never comes."""

    status: int = 0
    """Answer every call with this (500, 403 with `clock` or not, 429)."""
    clock: bool = False
    slow_seconds: float = 0.0
    lose_answer: int = 0
    """So many messages are taken and answered with a fault, as when the line breaks."""
    international: bool = True
    trial: bool = False
    per_minute: int = PER_MINUTE
    no_receipts: bool = False


@dataclass
class StandIn:
    """The whole of it: templates by id, messages in order, what was called. `back`: where receipts and texts are sent, empty for nowhere."""

    back: str = ""
    bearer: str = BEARER
    faults: Faults = field(default_factory=Faults)
    now: Callable[[], float] = _seconds
    messages: list[Message] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    """The status each callback was answered with."""
    _lately: deque[float] = field(default_factory=deque)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    templates: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    """By id: kind, subject, body, language."""

    def __post_init__(self) -> None:
        for letter, way in letters.kinds():
            for language in letters.languages():
                subject = letters.subject(letter, language) if way is Way.EMAIL else ""
                body = letters.template(letter, way, language)
                self.templates[template_id(letter, way, language)] = (way.value, subject, body, language)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v2/notifications/sms", self._sms, methods=["POST"]),
                Route("/v2/notifications/email", self._email, methods=["POST"]),
                Route("/v2/notifications", self._list),
                Route("/v2/notifications/{id}", self._one),
                Route("/v2/template/{id}", self._template),
                Route("/v2/templates", self._templates),
                Route("/", self._phones),
                Route("/reply", self._reply, methods=["POST"]),
            ]
        )

    # The calls of the API ------------------------------------------------------------------------------------------

    async def _sms(self, request: Request) -> Response:
        return await self._take(request, "sms")

    async def _email(self, request: Request) -> Response:
        return await self._take(request, "email")

    async def _take(self, request: Request, kind: str) -> Response:
        wrong = await self._stopped(request) or self._too_many()
        if wrong is not None:
            return wrong
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return errors(400, ("BadRequestError", "Invalid JSON supplied in POST data"))
        wrong = self._refused(kind, body)
        if wrong is not None:
            return wrong
        message = self._keep(kind, body)
        if self.faults.lose_answer:
            self.faults.lose_answer -= 1
            self._deliver(message)
            return errors(500, ("Exception", "Internal server error"))
        self._deliver(message)
        return JSONResponse(self._taken(message, str(request.base_url).rstrip("/")), status_code=201)

    def _refused(self, kind: str, body: Mapping[str, Any]) -> Response | None:
        """Notify judges the shape first, then the recipient, then the template and its fields."""
        to, known = ("phone_number", _SMS_KEYS) if kind == "sms" else ("email_address", _EMAIL_KEYS)
        shape = [
            ("ValidationError", f"{name} is a required property")
            for name in (to, "template_id")
            if name not in body
        ]
        extra = sorted(body.keys() - known)
        if extra:
            listed = ", ".join(extra)
            verb = "was" if len(extra) == 1 else "were"
            shape.append(
                ("ValidationError", f"Additional properties are not allowed ({listed} {verb} unexpected)")
            )
        if "template_id" in body and not is_uuid(body["template_id"]):
            shape.append(("ValidationError", "template_id is not a valid UUID"))
        personal = body.get("personalisation", {})
        if not isinstance(personal, dict):
            shape.append(("ValidationError", f"personalisation {json.dumps(personal)} is not of type object"))
        reference = body.get("reference")
        if reference is not None and (not isinstance(reference, str) or len(reference) > 1000):
            shape.append(("ValidationError", "reference is too long"))
        if not shape and (wrong := recipient(kind, str(body[to]))):
            shape.append(("ValidationError", f"{to} {wrong}"))
        if shape:
            return errors(400, *shape)
        if self.faults.trial:
            return errors(
                400,
                (
                    "BadRequestError",
                    "Can’t send to this recipient when service is in trial mode – see"
                    " https://www.notifications.service.gov.uk/trial-mode",
                ),
            )
        if kind == "sms" and not self.faults.international and is_foreign(str(body[to])):
            return errors(400, ("BadRequestError", "Cannot send to international mobile numbers"))
        template = self.templates.get(str(uuid.UUID(body["template_id"])))
        if template is None:
            return errors(400, ("BadRequestError", "Template not found"))
        if template[0] != kind:
            return errors(
                400, ("BadRequestError", f"{template[0]} template is not suitable for {kind} notification")
            )
        missing = [
            name for name in dict.fromkeys(FIELD.findall(template[1] + template[2])) if name not in personal
        ]
        if missing:
            return errors(400, ("BadRequestError", f"Missing personalisation: {', '.join(missing)}"))
        return None

    def _keep(self, kind: str, body: Mapping[str, Any]) -> Message:
        number = str(uuid.UUID(body["template_id"]))
        _, subject, text, language = self.templates[number]
        fields = {name: str(value) for name, value in body.get("personalisation", {}).items()}
        to = str(body["phone_number" if kind == "sms" else "email_address"])
        message = Message(
            id=str(uuid.uuid4()),
            kind=kind,
            to=to,
            template=number,
            reference=body.get("reference"),
            subject=FIELD.sub(lambda found: fields[found[1]], subject),
            body=FIELD.sub(lambda found: fields[found[1]], text).strip(),
            language=language,
            created_at=self._time(),
        )
        self.messages.append(message)
        return message

    def _taken(self, message: Message, base: str) -> dict[str, Any]:
        content = {"body": message.body}
        content |= (
            {"from_number": "Foyer"}
            if message.kind == "sms"
            else {"subject": message.subject, "from_email": "foyer@notify.test"}
        )
        return {
            "id": message.id,
            "reference": message.reference,
            "content": content,
            "uri": f"{base}/v2/notifications/{message.id}",
            "template": {
                "id": message.template,
                "version": 1,
                "uri": f"{base}/v2/template/{message.template}",
            },
            "scheduled_for": None,
        }

    async def _list(self, request: Request) -> Response:
        wrong = await self._stopped(request)
        if wrong is not None:
            return wrong
        known = {"status", "template_type", "reference", "older_than", "include_jobs"}
        extra = sorted(request.query_params.keys() - known)
        if extra:
            return errors(
                400,
                (
                    "ValidationError",
                    f"Additional properties are not allowed ({', '.join(extra)} was unexpected)",
                ),
            )
        wanted = request.query_params
        found = [
            each
            for each in reversed(self.messages)
            if wanted.get("reference") in (None, each.reference)
            and wanted.get("template_type") in (None, each.kind)
            and wanted.get("status") in (None, each.status)
        ]
        if "older_than" in wanted:
            numbers = [each.id for each in found]
            after = numbers.index(wanted["older_than"]) + 1 if wanted["older_than"] in numbers else len(found)
            found = found[after:]
        shown = found[:A_PAGE]
        links = {"current": str(request.url)}
        if shown:
            links["next"] = str(request.url.include_query_params(older_than=shown[-1].id))
        return JSONResponse({"notifications": [self._row(each) for each in shown], "links": links})

    async def _one(self, request: Request) -> Response:
        wrong = await self._stopped(request)
        if wrong is not None:
            return wrong
        wanted = request.path_params["id"]
        if not is_uuid(wanted):
            return errors(400, ("ValidationError", "notification_id is not a valid UUID"))
        found = next((each for each in self.messages if each.id == wanted), None)
        if found is None:
            return errors(404, ("NoResultFound", "No result found"))
        return JSONResponse(self._row(found))

    def _row(self, message: Message) -> dict[str, Any]:
        sms = message.kind == "sms"
        return {
            "id": message.id,
            "reference": message.reference,
            "type": message.kind,
            "phone_number": message.to if sms else None,
            "email_address": None if sms else message.to,
            "status": message.status,
            "template": {"id": message.template, "version": 1},
            "body": message.body,
            "subject": message.subject or None,
            "created_at": message.created_at,
            "created_by_name": None,
            "sent_at": message.sent_at,
            "completed_at": message.completed_at,
            "scheduled_for": None,
        }

    async def _template(self, request: Request) -> Response:
        wrong = await self._stopped(request)
        if wrong is not None:
            return wrong
        found = self.templates.get(request.path_params["id"])
        if found is None:
            return errors(404, ("NoResultFound", "No result found"))
        return JSONResponse(template_row(request.path_params["id"], found))

    async def _templates(self, request: Request) -> Response:
        wrong = await self._stopped(request)
        if wrong is not None:
            return wrong
        kind = request.query_params.get("type")
        rows = [
            template_row(number, each) for number, each in self.templates.items() if kind in (None, each[0])
        ]
        return JSONResponse({"templates": rows})

    async def _stopped(self, request: Request) -> Response | None:
        """The faults that are set, then the token: its signature, whose it is, and that it is not older or younger than 30 seconds."""
        self.calls.append((request.method, request.url.path))
        if self.faults.slow_seconds:
            await asyncio.sleep(self.faults.slow_seconds)
        if self.faults.status == 429:
            return errors(429, ("TooManyRequestsError", "Exceeded send limits (250000) for today"))
        if self.faults.status == 403:
            return (
                clock()
                if self.faults.clock
                else errors(403, ("AuthError", "Invalid token: API key not found"))
            )
        if self.faults.status:
            return errors(self.faults.status, ("Exception", "Internal server error"))
        return self._token(request.headers.get("authorization", ""))

    def _token(self, header: str) -> Response | None:
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer" or not token:
            return errors(401, ("AuthError", "Unauthorized: authentication token must be provided"))
        said = claims(token, SECRET)
        if said is None:
            return errors(403, ("AuthError", "Invalid token: signature, API token not found"))
        if said.get("iss") != SERVICE:
            return errors(403, ("AuthError", "Invalid token: service not found"))
        issued = said.get("iat")
        if not isinstance(issued, int) or abs(self.now() - issued) > CLOCK_SECONDS:
            return clock()
        return None

    def _too_many(self) -> Response | None:
        """A rolling minute."""
        now = self.now()
        while self._lately and self._lately[0] <= now - 60:
            self._lately.popleft()
        if len(self._lately) >= self.faults.per_minute:
            said = (
                f"Exceeded rate limit for key type LIVE of {self.faults.per_minute} requests per 60 seconds"
            )
            return errors(429, ("RateLimitError", said))
        self._lately.append(now)
        return None

    # Back to the service -------------------------------------------------------------------------------------------

    def _deliver(self, message: Message) -> None:
        """Hand it to the phone and send the receipt. As at Notify, numbers that stand for a failure get one."""
        message.status, message.sent_at = "sending", self._time()
        if self.faults.no_receipts:
            return
        self.settle(message, fate(message.to))

    def settle(self, message: Message, status: str) -> None:
        message.status, message.completed_at = status, self._time()
        self._call_back("receipt", self.receipt_of(message))

    def receipt_of(self, message: Message) -> dict[str, Any]:
        return {
            "id": message.id,
            "reference": message.reference,
            "to": message.to,
            "status": message.status,
            "created_at": message.created_at,
            "completed_at": message.completed_at,
            "sent_at": message.sent_at,
            "notification_type": message.kind,
            "template_id": message.template,
            "template_version": 1,
        }

    def text_back(self, source: str, words: str) -> None:
        """Somebody texts the service."""
        body = {
            "id": str(uuid.uuid4()),
            "source_number": source.lstrip("+"),
            "destination_number": "07700900999",
            "message": words,
            "date_received": self._time(),
        }
        self._call_back("text", body)

    def _call_back(self, what: str, body: Mapping[str, Any]) -> None:
        if not self.back:
            return
        task = asyncio.ensure_future(self._post(f"{self.back.rstrip('/')}/api/notify/{what}", body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, address: str, body: Mapping[str, Any]) -> None:
        """Notify tries again for a day; the stand-in, a little."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            for wait in (0.0, 0.5, 2.0, 5.0):
                await asyncio.sleep(wait)
                try:
                    answer = await client.post(
                        address, json=dict(body), headers={"Authorization": f"Bearer {self.bearer}"}
                    )
                except httpx.HTTPError:
                    continue
                self.told.append(answer.status_code)
                if answer.status_code < 500:
                    return

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    # The visitors' phones and mailboxes ------------------------------------------------------------------------------

    async def _phones(self, request: Request) -> Response:
        return HTMLResponse(phones.page(self.messages))

    async def _reply(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=4)
        self.text_back(str(form.get("to", "")), str(form.get("words", ""))[:500])
        return RedirectResponse("/", status_code=303)


def main() -> None:
    reader = argparse.ArgumentParser(
        prog="python -m demo.notify", description="A stand-in for GOV.UK Notify."
    )
    reader.add_argument("--port", type=int, default=8490)
    reader.add_argument(
        "--back", default="http://127.0.0.1:8000", help="the server that receipts are sent to"
    )
    reader.add_argument("--letters", type=Path, help="write the file for FOYER_LETTERS here")
    options = reader.parse_args()
    if options.letters:
        write_letters(options.letters)
    uvicorn.run(StandIn(back=options.back).app(), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
