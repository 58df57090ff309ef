"""A real mail server (aiosmtpd) that answers well, badly or slowly, as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd import smtp as server_side
from aiosmtpd.smtp import AuthResult


class Mailbox:
    """Keeps what it is sent; `rcpt` and `data` are what it answers instead, when set; `dawdles` so many seconds before each answer."""

    def __init__(self, rcpt: str = "", data: str = "", hang_up: bool = False, dawdles: float = 0.0) -> None:
        self.dawdles = dawdles
        self.rcpt, self.data, self.hang_up = rcpt, data, hang_up
        self.mails: list[bytes] = []
        self.users: list[str] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the library names it
        await asyncio.sleep(self.dawdles)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the library names it
        await asyncio.sleep(self.dawdles)
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library names it
        self.mails.append(envelope.content)
        if self.hang_up:
            server.transport.abort()
        return self.data or "250 OK"

    def let_in(self, server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
        right = told.password == b"open sesame"
        if right:
            self.users.append(told.login.decode())
        return AuthResult(success=right, handled=right)


@asynccontextmanager
async def mail_server(box: Mailbox, tls: ssl.SSLContext | None = None, **more: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()

    def make() -> Any:
        return server_side.SMTP(
            box, hostname="mail.test", loop=loop, tls_context=tls, authenticator=box.let_in, **more
        )

    server = await loop.create_server(make, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
