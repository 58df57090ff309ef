"""The application: one process, one event loop, one writer lane.

`create_app` opens and migrates the database before anything is served, so a database that cannot be used is a sentence at start and not an error
at the first visitor.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator

from fastapi import FastAPI

from server import memory
from server.actions.paper_keys import paper_keys
from server.clock import Clock
from server.edge import House
from server.jobs.after_restore import finish_restore
from server.jobs.backing_up import keep_backing_up
from server.jobs.calling import make_calls
from server.jobs.estimates import keep_scoring
from server.jobs.handing_off import keep_handing_off
from server.jobs.heartbeat import keep_beating, leave
from server.jobs.looking_after import keep_looking
from server.jobs.reading import keep_reading
from server.jobs.renewing import keep_renewed
from server.jobs.reports import keep_reporting
from server.jobs.rounds import make_rounds
from server.jobs.sealing_audit import keep_sealing
from server.jobs.sending import keep_sending
from server.jobs.summing import keep_summed_up
from server.settings import Settings
from server.store.database import Database, DatabaseUnusable, open_database
from server.store.schema import migrate
from server.web.elsewhere import send_elsewhere
from server.web.identity import Identity
from server.web.routes import attach
from server.web.socket import cut_off

SWITCH_SECONDS = 0.001
"""How long one thread may keep the interpreter from another. The default of 5 ms would be the tail of every answer."""

GC_THRESHOLDS = (2_000, 20, 1_000_000)
"""Young objects are collected as usual, all of them only by `_tidy`. Left to itself Python walks every socket's objects every few seconds:
with 1,000 displays that made one call in thirty 140 ms late."""
TIDY_SECONDS = 300.0


def _collect_and_freeze() -> None:
    """Look through everything once; what lives on is not walked again until the next time."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


async def _tidy() -> None:
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        _collect_and_freeze()
        await asyncio.to_thread(memory.give_back)


def _refuse_without_a_centre(database: Database) -> None:
    """An empty database is either not set up yet, or not the one that was meant: every device would be told that it is not paired."""
    with database.reading() as connection:
        if connection.exec_driver_sql("SELECT COUNT(*) FROM centre").scalar_one():
            return
    message = (
        f"The database {database.url.render_as_string(hide_password=True)} holds no centre. Load one with 'foyer centre load FILE';"
        " or, if there was one, see that the disk with the database is there or restore a backup."
    )
    raise DatabaseUnusable(message)


def create_app(settings: Settings, clock: Clock | None = None, *, owns_process: bool = False) -> FastAPI:
    """Raises `server.store.database.DatabaseUnusable` with a sentence for the one who started it. `clock`: the settings' unless one is given.

    `owns_process`: nothing else lives in this process, so how it collects its garbage is the server's to say.
    """
    database = open_database(settings.database)
    try:
        migrate(database)
        _refuse_without_a_centre(database)
        keyring = paper_keys(settings, database)
    except BaseException:
        database.close()
        raise

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        time_of_day = clock or Clock(settings.clock_start, settings.clock_speed)
        house = House(settings, database, time_of_day, keyring)
        app.state.house = house
        app.state.identity = Identity(house)
        await house.start()
        await finish_restore(house)
        tasks = [
            asyncio.create_task(make_rounds(house)),
            asyncio.create_task(make_calls(house)),
            asyncio.create_task(keep_sending(house)),
            asyncio.create_task(keep_handing_off(house)),
            asyncio.create_task(keep_reading(house)),
            asyncio.create_task(keep_reporting(house)),
            asyncio.create_task(keep_scoring(house)),
            asyncio.create_task(keep_summed_up(house)),
            asyncio.create_task(keep_sealing(house)),
            asyncio.create_task(keep_renewed(house)),
            asyncio.create_task(cut_off(app)),
            asyncio.create_task(send_elsewhere(house)),
            asyncio.create_task(keep_beating(house)),
            asyncio.create_task(keep_looking(house)),
            asyncio.create_task(keep_backing_up(house)),
        ]
        sys.setswitchinterval(SWITCH_SECONDS)
        if owns_process:
            gc.set_threshold(*GC_THRESHOLDS)
            _collect_and_freeze()
            memory.give_back()  # what only the start needed
            tasks.append(asyncio.create_task(_tidy()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await leave(house)
            await house.stop()
            database.close()

    app = FastAPI(title="Foyer", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    attach(app)
    return app
