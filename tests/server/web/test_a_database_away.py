"""The database cannot be reached: pages say so, lines are refused for now and not for good, and all is right again when it is back."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy.engine import make_url
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.process import free_port
from server.store.database import open_database
from tests.server.conftest import Behind
from tests.server.web.rehearsal import TOKENS, serving
from tests.support.house import running_house
from tests.support.waiting import until, until_async
from wire.frames import MACHINE_HEADER, Hello, Snapshot, read_server_frame
from wire.vocabulary import PROTOCOL, DeviceKind


@pytest.mark.postgres
def test_a_page_and_a_line_are_refused_for_now_while_the_database_is_away(behind: Behind) -> None:
    line = behind.line
    with serving(behind.url) as served, httpx.Client(base_url=served.url, timeout=20) as asking:
        assert asking.get("/health/ready").status_code == 200
        key = {"authorization": f"Bearer {TOKENS[DeviceKind.KIOSK]}"}
        line.lead_to(free_port())
        line.drop()
        until(
            lambda: asking.get("/health/ready").status_code == 503, 20, "the server says that it is not ready"
        )
        asking.cookies.set(served.app.state.identity.session_cookie, "x" * 43)
        page = asking.get("/counter", headers={"accept": "text/html"})
        assert (page.status_code, page.headers.get("retry-after")) == (503, "5"), page.text
        assert "Back in a moment" in page.text
        visitor = asking.get("/forms", headers={"accept": "text/html", "accept-language": "pl"})
        assert (visitor.status_code, visitor.headers.get("retry-after")) == (503, "5"), visitor.text
        assert 'lang="pl"' in visitor.text
        assert "Try again in a moment" not in visitor.text, "said in their language"
        program = asking.get("/api/v1/centres", headers=key)
        assert program.status_code == 503
        assert program.headers["content-type"].endswith("json"), "a program is told in its own way"
        for headers in (key, {**key, MACHINE_HEADER: "a" * 32}):
            with pytest.raises(InvalidStatus) as refused:
                connect(f"{served.url.replace('http', 'ws')}/ws/device", additional_headers=headers)
            assert refused.value.response.status_code == 503, "403 would tell it that its key is wrong"
        line.lead_to(behind.port)
        until(lambda: asking.get("/health/ready").status_code == 200, 20, "the server is ready again")
        with connect(f"{served.url.replace('http', 'ws')}/ws/device", additional_headers=key) as again:
            again.send(Hello(protocol=PROTOCOL).encode())
            assert isinstance(read_server_frame(again.recv(20)), Snapshot)


@pytest.mark.postgres
async def test_of_several_hosts_the_one_that_takes_changes_is_found_for_every_line(postgres_url: str) -> None:
    address = make_url(postgres_url)
    hosts = (f"{address.host}:{free_port()}", f"{address.host}:{address.port}")
    several = address.set(
        host=None, port=None, query={"host": hosts, "target_session_attrs": "read-write"}
    ).render_as_string(hide_password=False)
    async with running_house(several) as rehearsal:
        house = rehearsal.house
        await rehearsal.issue()
        assert await house.readiness.why_not() == ""
        assert house.database.line()["host"].count(",") == 1, "the doorbell's line knows both"
        listens = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND left(query, 6) = 'LISTEN'"
        await until_async(
            lambda: house.look(lambda connection: connection.exec_driver_sql(listens).scalar_one()),
            what="the doorbell listens",
        )
        assert house.database.renew(several)
    open_database(several).close()
