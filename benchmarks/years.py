"""Ten years of five centres: how long each manager page takes to answer, and a year's report.

The days are made (`demo.years`), every copy of their sums is made as the house makes them at night, and then a real server is asked for its pages by a
manager of all five centres who is signed in. A page is asked for of the day, quarter, year and ten years before; what is told is the slowest page's median over
`TIMES` askings. The first asking of all is told apart: nothing is in memory then.

    python -m benchmarks.years --database postgresql://foyer@127.0.0.1:5432/foyer    # another database than the bench's own, empty

Making the days takes some minutes and is no figure of the product; how long the copies took stands beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import secrets
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlmodel import Session, col, select

from benchmarks.centre import hash_of
from benchmarks.process import serving
from benchmarks.speed import Bench
from demo.years import make_years
from server.clock import Clock
from server.domain.retention import SETTABLE, Name
from server.edge import House
from server.jobs.summing import sum_up
from server.live.telling import TOPICS
from server.settings import Settings
from server.store.database import open_database
from server.store.tables import BrowserSession, Centre, KeepingRule, Staff, StaffRole
from wire.vocabulary import Role

CENTRES, YEARS, VISITS = 5, 10.0, 118.0
"""Makes some one and a half million visits."""
TIMES = 7
REPORT_SECONDS = 120
SPANS = ("kind=day", "kind=quarter", "kind=year", "kind=range")


def rows(bench: Bench) -> None:
    years = 1.0 if bench.quick else YEARS
    url = f"sqlite:///{bench.folder / 'years.db'}"
    measured = measure(url, years=years)
    bench.values |= {name: value for name, value in measured.items() if not name.startswith("page:")}


def measure(url: str, *, years: float = YEARS, centres: int = CENTRES, say: bool = False) -> dict[str, float]:
    """Seconds by what took them, and how many visits there are."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    first = last - timedelta(days=round(years * 365.25))
    found: dict[str, float] = {}
    if not _there(url):
        found["years_visits"] = make_years(
            url, centres=centres, first=first, last=last, visits=VISITS, say=print if say else None
        )
    key = _sign_in(url)
    found["years_sums_s"] = asyncio.run(_sum_up(url))
    with serving(url) as server:
        address = f"http://127.0.0.1:{server.port}"
        with httpx.Client(base_url=address, cookies={"foyer_session": key}, timeout=120) as client:
            begun = time.perf_counter()
            _page(client, f"/figures/footfall?kind=range&first={first}&last={last}")
            found["years_first_page_s"] = time.perf_counter() - begun
            pages = dict(_pages(client, first, last))
            if say:
                print(table({f"page:{path}": seconds for path, seconds in pages.items()}), flush=True)
            found["years_report_s"] = _report(client, last, most=1)
            found["years_report_all_s"] = _report(client, last, most=centres)
    found["years_page_s"] = max(pages.values())
    return found | {f"page:{path}": seconds for path, seconds in pages.items()}


def _there(url: str) -> bool:
    """Whether the days were made before."""
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite") and not path.exists():
        return False
    database = open_database(url)
    try:
        with database.reading() as connection:
            return bool(connection.execute(text("SELECT COUNT(*) FROM visit LIMIT 1")).scalar())
    except Exception:  # an empty database has no such table
        return False
    finally:
        database.close()


async def _sum_up(url: str) -> float:
    """Make every copy, without the rests that let a floor work beside it; how long that took."""
    database = open_database(url)
    house = House(Settings(database=url), database, Clock())
    begun = time.perf_counter()
    await house.start()
    try:
        await sum_up(house, rest=0.0)
    finally:
        await house.stop()
        database.close()
    return time.perf_counter() - begun


def _sign_in(url: str) -> str:
    """The key of a manager of every centre."""
    database, key, now = open_database(url), secrets.token_urlsafe(32), datetime.now(UTC)
    try:
        with Session(database.writer) as session:
            person = session.exec(select(Staff).order_by(col(Staff.id))).first()
            centres = [each for each in session.exec(select(Centre.id).order_by(col(Centre.id))) if each]
            assert person is not None
            assert person.id is not None
            person.must_change = False
            for centre in centres:
                if session.get(StaffRole, (person.id, centre, Role.MANAGER.value)) is None:
                    session.add(StaffRole(staff_id=person.id, centre_id=centre, role=Role.MANAGER))
            session.add(
                BrowserSession(
                    id=hash_of(key), staff_id=person.id, centre_id=centres[0], csrf=secrets.token_urlsafe(32), started_at=now, used_at=now
                )
            )  # fmt: skip
            if (
                session.get(KeepingRule, Name.VISITS.value) is None
            ):  # or the house would erase while it is measured
                session.add(KeepingRule(name=Name.VISITS, days=SETTABLE[Name.VISITS].most, set_at=now))
            session.commit()
    finally:
        database.close()
    return key


def _pages(client: httpx.Client, first: date, last: date) -> Iterator[tuple[str, float]]:
    """Each page with each span, by its median."""
    ways = {
        "kind=day": f"kind=day&first={last}",
        "kind=quarter": f"kind=quarter&first={last - timedelta(days=100)}",
        "kind=year": f"kind=year&first={last - timedelta(days=366)}",
        "kind=range": f"kind=range&first={first}&last={last}",
    }
    for path in ("/figures", "/figures/now"):
        yield path, _median(client, path)
    for slug in TOPICS:
        for span in SPANS:
            yield f"/figures/{slug}?{span}", _median(client, f"/figures/{slug}?{ways[span]}")


def _median(client: httpx.Client, path: str) -> float:
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        _page(client, path)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _page(client: httpx.Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.headers}"
    return answer.text


def _report(client: httpx.Client, last: date, most: int) -> float:
    """From asking for a year of footfall, waits and why people came, of so many centres, as a printed report, until it is there."""
    page = _page(client, "/figures/reports")
    asked = {
        "csrf": _first(r'name="csrf" value="([^"]+)"', page),
        "public": "no",
        "topic": ["footfall", "waits", "why"],
        "centre": re.findall(r'name="centre" value="(\d+)"', page)[:most],
        "kind": "year",
        "first": (last - timedelta(days=366)).isoformat(),
        "form": "pdf",
    }
    begun = time.perf_counter()
    answer = client.post("/figures/reports", data=asked)
    assert answer.status_code == 303, answer.text[:500]
    place = answer.headers["location"]
    while True:
        if "/file" in _page(client, place):
            took = time.perf_counter() - begun
            assert client.get(f"{place}/file").content.startswith(b"%PDF")
            return took
        assert time.perf_counter() - begun < REPORT_SECONDS, "the report is not there"
        time.sleep(0.1)


def _first(pattern: str, text_: str) -> str:
    found = re.search(pattern, text_)
    assert found is not None, pattern
    return found.group(1)


def table(found: Mapping[str, float]) -> str:
    return "\n".join(
        f"{seconds:8.3f} s  {name}" for name, seconds in sorted(found.items(), key=lambda each: -each[1])
    )


def main() -> int:
    reader = argparse.ArgumentParser(prog="python -m benchmarks.years", description=__doc__)
    reader.add_argument("--database", required=True)
    reader.add_argument("--years", type=float, default=YEARS)
    reader.add_argument("--centres", type=int, default=CENTRES)
    told = reader.parse_args()
    print(table(measure(told.database, years=told.years, centres=told.centres, say=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
