"""What GOV.UK Notify checks and how it refuses, for the stand-in: the token, the recipient, the shape of its errors.

Worked out from its public documentation and from what its client reads.
"""

from __future__ import annotations

import hmac
import json
import re
import uuid
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

from starlette.responses import JSONResponse

from forms.contact import Email, Phone, read_email, read_phone

FIELD = re.compile(r"\(\(([a-z_]+)\)\)")
"""A field in a template."""


def errors(status: int, *errors: tuple[str, str]) -> JSONResponse:
    """Notify's shape: every error with its kind and its words."""
    listed = [{"error": kind, "message": words} for kind, words in errors]
    return JSONResponse({"status_code": status, "errors": listed}, status_code=status)


def clock() -> JSONResponse:
    return errors(403, ("AuthError", "Error: Your system clock must be accurate to within 30 seconds"))


def claims(token: str, secret: str) -> dict[str, Any] | None:
    """What a JSON Web Token signed with HS256 says; None when the signature is not ours (RFC 7515)."""
    try:
        head, body, seal = token.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        right = hmac.new(secret.encode(), f"{head}.{body}".encode(), sha256).digest()
        sealed = hmac.compare_digest(right, _decoded(seal))
    except ValueError:
        return None
    if (
        not sealed
        or not isinstance(header, dict)
        or header.get("alg") != "HS256"
        or not isinstance(claims, dict)
    ):
        return None
    return claims


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_uuid(value: object) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def recipient(kind: str, to: str) -> str:
    """What Notify says of a recipient it cannot send to; empty when it can."""
    if kind == "email":
        return "" if isinstance(read_email(to), Email) else "Not a valid email address"
    if re.search(r"[A-Za-z]", to):
        return "Must not contain letters or symbols"
    digits = re.sub(r"\D", "", to)
    read = read_phone(to if to.startswith(("+", "0")) else f"+{to}")
    if isinstance(read, Phone) and read.textable:
        return ""
    if len(digits) < 8:
        return "Not enough digits"
    if len(digits) > 15:
        return "Too many digits"
    return "Not a UK mobile number"


def is_foreign(to: str) -> bool:
    read = read_phone(to)
    return isinstance(read, Phone) and read.foreign


def fate(to: str) -> str:
    """Notify's own numbers and addresses for trying failures out with a test key."""
    if to.endswith("7700900002") or to == "perm-fail@simulator.notify":
        return "permanent-failure"
    if to.endswith("7700900003") or to == "temp-fail@simulator.notify":
        return "temporary-failure"
    return "delivered"


def template_row(number: str, found: tuple[str, str, str, str]) -> dict[str, Any]:
    kind, subject, body, language = found
    needed = {name: {"required": True} for name in dict.fromkeys(FIELD.findall(subject + body))}
    return {
        "id": number,
        "name": f"{kind} {language}",
        "type": kind,
        "created_at": "2026-11-01T09:00:00.000000Z",
        "updated_at": None,
        "created_by": "foyer@notify.test",
        "version": 1,
        "body": body,
        "subject": subject or None,
        "letter_contact_block": None,
        "personalisation": needed,
        "postage": None,
    }
