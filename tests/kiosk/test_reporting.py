"""How a kiosk tells of the machine under it, also to a server that does not know of such things."""

from __future__ import annotations

from pathlib import Path

from tests.kiosk.standin import StandIn, until
from tests.kiosk.visiting import GoodPrinter, printer, quick, running, server, settings_for
from wire.asks import AnyAsk, Health
from wire.vocabulary import RefusalCode

__all__ = ["printer", "quick", "server"]


def reports(server: StandIn) -> list[Health]:
    return [body for body in server.asked if isinstance(body, Health)]


async def test_the_machines_health_is_told_with_the_kiosks(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer):
        await until(lambda: bool(reports(server)))
        machine = reports(server)[0].machine
        assert machine is not None
        assert machine.up_seconds
        assert machine.free_mb


async def test_an_older_server_is_told_at_least_what_it_knows(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    def older(body: AnyAsk) -> RefusalCode | None:
        return RefusalCode.MALFORMED if isinstance(body, Health) and body.machine is not None else None

    server.refuses = older
    async with running(settings_for(server, tmp_path), printer):
        await until(lambda: bool(reports(server)))
        assert reports(server)[0].machine is None
