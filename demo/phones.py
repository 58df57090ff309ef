"""The visitors' phones and mailboxes of the demonstration, as one page: what was sent, the latest first, and a line to text back.

For who shows the product and for nobody else: it stands on loopback, beside the stand-in that keeps the messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass
class Message:
    """One message as the stand-in keeps it."""

    id: str
    kind: str
    to: str
    template: str
    reference: str | None
    subject: str
    body: str
    language: str
    created_at: str
    status: str = "created"
    completed_at: str | None = None
    sent_at: str | None = None


_STYLE = """
body { font: 18px/1.5 sans-serif; max-width: 42rem; margin: 1rem auto; padding: 0 1rem; background: #f3f2f1; color: #0b0c0c; }
article { background: #fff; border-radius: 10px; padding: 12px 16px; margin: 0 0 16px; box-shadow: 0 1px 3px #0003; }
article p { margin: .2rem 0 .6rem; white-space: pre-line; overflow-wrap: anywhere; }
small { color: #505a5f; }
form { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
label { flex: 1 1 12rem; }
input { width: 100%; }
input, button { font: inherit; padding: 8px 12px; min-height: 44px; box-sizing: border-box; }
"""


def page(messages: Sequence[Message]) -> str:
    shown = "".join(_shown(each) for each in reversed(messages)) or "<p>Nothing was sent yet.</p>"
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>Visitors' phones</title><style>{_STYLE}</style></head><body><h1>Visitors' phones and mailboxes</h1>"
        "<p>What the demonstration sent, the latest first. Nothing leaves this machine. <a href='/'>Look again</a></p>"
        f"{shown}</body></html>"
    )


def _shown(message: Message) -> str:
    direction = "rtl" if message.language in ("ur", "ar") else "ltr"
    body = re.sub(r"(https?://[^\s<]+)", r'<a href="\1">\1</a>', escape(message.body))
    head = f"<p><strong>{escape(message.subject)}</strong></p>" if message.subject else ""
    kind = "Text" if message.kind == "sms" else "E-mail"
    return (
        f"<article><small>{kind} to {escape(message.to)}: {message.status}</small>"
        f"<div lang={message.language} dir={direction}>{head}<p>{body}</p></div>{_reply(message)}</article>"
    )


def _reply(message: Message) -> str:
    if message.kind != "sms":
        return ""
    return (
        f"<form method=post action=/reply><input type=hidden name=to value='{escape(message.to)}'>"
        "<label>Text back <input name=words maxlength=160 required autocomplete=off></label> <button>Send</button></form>"
    )
