"""The figures of a server: right, for whom they are meant, without end of labels, and what the dashboard and the alerts ask for is among them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from server.domain.access import ASKS, ROUTES
from server.live.process import JOBS
from server.store.schema import migrate_address
from tests.repo.tree import ROOT
from tests.server.web.rehearsal import Served, serving
from wire import asks
from wire.vocabulary import RefusalCode

KEY = "a-key-of-nobody-in-particular"
MONITORING = ROOT / "deploy" / "monitoring"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("metrics")
    migrate_address(f"sqlite:///{folder}/foyer.db")
    with serving(f"sqlite:///{folder}/foyer.db", data=folder, metrics_key=KEY) as running:
        yield running


def told(served: Served) -> dict[str, dict[tuple[str, ...], float]]:
    """By name; each value by its labels' values."""
    with closing(served.client()) as client:
        answer = client.get("/metrics", headers={"authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_what_was_done_is_counted(served: Served) -> None:
    before = told(served)
    served.visitor("council-tax")
    served.sit("priya")
    served.run(served.house.perform(served.actor("priya"), "0" * 32, asks.CallNext()))
    served.run(served.house.perform(served.actor("grace"), "1" * 32, asks.CallNext()))
    with closing(served.signed_in("ada")) as ada:
        ada.get("/admin/staff/99999")
        ada.get("/nothing/like/Zephyrine")
    after = told(served)
    kinds = after["foyer_asks_total"]
    assert kinds["issue", "done"] == before.get("foyer_asks_total", {}).get(("issue", "done"), 0) + 1
    assert kinds["call_next", "done"] == 1
    assert kinds["call_next", RefusalCode.NOT_ALLOWED.value] == 1
    assert after["foyer_lane_seconds_count"][()] >= before["foyer_lane_seconds_count"][()] + 3
    buckets = [after["foyer_lane_seconds_bucket"][each] for each in after["foyer_lane_seconds_bucket"]]
    assert buckets == sorted(buckets)
    assert buckets[-1] == after["foyer_lane_seconds_count"][()]
    assert ("GET", "/admin/staff/{staff_id}", "404") in after["foyer_http_requests_total"]
    assert ("GET", "none", "404") in after["foyer_http_requests_total"]
    assert after["foyer_ready"][()] == 1
    assert after["foyer_database_up"][()] == 1
    assert after["foyer_outbox"]["messages",] == 0
    assert after["process_open_fds"][()] > 3


def test_labels_come_from_lists_of_ours(served: Served) -> None:
    with closing(served.client()) as client:
        for odd in ("/t/Zephyrine", "/b/Quillfeather", "/zephyrine/a", "/ZEPHYRINE"):
            client.get(odd)
            client.request("BREW", odd)
    found = told(served)
    routes = {path for _, path in ROUTES} | {"none"}
    assert {route for _, route, _ in found["foyer_http_requests_total"]} <= routes
    assert {method for method, _, _ in found["foyer_http_requests_total"]} <= {
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "OPTIONS",
        "other",
    }
    parts = {route.split("/")[1] or "start" for route in routes - {"none"}} | {"none"}
    assert {labels[0] for labels in found["foyer_http_seconds_count"]} <= parts
    assert {kind for kind, _ in found.get("foyer_asks_total", {})} <= ASKS.keys()
    assert {job for (job,) in found.get("foyer_job_done_timestamp_seconds", {})} <= JOBS.keys() | {"sealing"}
    assert not [name for name in found if "zephyrine" in str(found[name]).casefold()]


def test_who_may_read_them(served: Served) -> None:
    """A proxy on the same machine that says nothing of itself looks like a program there: being there is no right by itself."""
    settings = served.house.settings
    by_key = {"authorization": f"Bearer {KEY}"}

    def answered(headers: dict[str, str] | None = None, **more: Any) -> int:
        served.house.settings = settings.model_copy(update=more)
        with closing(served.client()) as client:
            return client.get("/metrics", headers=headers).status_code

    try:
        assert answered() == 403, "the key is needed on this machine too"
        assert answered({"authorization": "Bearer wrong"}) == 403
        assert answered({**by_key, "x-forwarded-for": "203.0.113.9"}) == 200
        assert answered(metrics_open=True) == 403, "where there is a key it is needed, whatever else is said"
        none: dict[str, Any] = {"metrics_key": type(settings.metrics_key)("")}
        assert answered(**none) == 403, "without a key nobody reads them"
        assert answered({"authorization": "Bearer"}, **none) == 403
        assert answered(**none, metrics_open=True) == 200, "unless programs here were let in by name"
        for header in (
            {"x-forwarded-for": "203.0.113.9"},
            {"forwarded": "for=203.0.113.9"},
            {"host": "queue.example.gov.uk"},
        ):
            assert answered(header, **none, metrics_open=True) == 403, header
    finally:
        served.house.settings = settings


def test_the_dashboard_and_the_alerts_ask_for_what_there_is(served: Served) -> None:
    known = set(told(served)) | {"up"}
    known |= {
        name.removesuffix(end) + other
        for name in known
        for end in ("_count",)
        for other in ("_bucket", "_sum", "_count")
        if name.endswith(end)
    }
    expressions = [
        rule["expr"]
        for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
        for rule in group["rules"]
    ]
    board = json.loads((MONITORING / "dashboard.json").read_text())
    expressions += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(expressions) > 25
    wanted = {
        name for each in expressions for name in re.findall(r"\b(?:foyer|process)_[a-z_]+|\bup\b", each)
    }
    late = {
        "foyer_asks_total",
        "foyer_sockets",
        "foyer_job_done_timestamp_seconds",
        "foyer_job_failing",
        "foyer_http_requests_total",
    }
    assert wanted <= known | late, wanted - known
    spots = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in board["panels"]]
    assert len(spots) == len(set(spots)), "no panel lies on another"
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["description"].strip().endswith(".") or rule["annotations"][
                "description"
            ].endswith(")."), rule
