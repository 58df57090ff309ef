"""Figures of self-service, worked out by hand beside it."""

from __future__ import annotations

from server.domain.self_service_sums import GaveUp, Use, gave_up, sums, together
from wire.vocabulary import UseEnd, UseKind

USES = (
    Use("scan", "housing", UseEnd.DONE, "", 60, 3, 1),
    Use("scan", "housing", UseEnd.DONE, "", 100, 2, 0),
    Use("scan", "housing", UseEnd.DONE, "", 3600, 1, 0),
    Use("scan", "housing", UseEnd.LEFT, "pages", 10, 2, 4),
    Use("scan", "parking", UseEnd.FAILED, "sending", 5, 1, 0),
    Use("scan", "", UseEnd.CANCELLED, "what", 5, 0, 0),
    Use("form", "blue-badge", UseEnd.PERSON, "", 50, 0, 0),
    Use("form", "blue-badge", UseEnd.PHONE, "", 50, 0, 0),
    Use("form", "blue-badge", UseEnd.LEFT, "pages", 50, 0, 0),
    Use("online", "rent", UseEnd.DID_NOT_WORK, "", 50, 0, 0),
)


def test_the_ways_a_use_ends_add_up_to_the_uses() -> None:
    for kind in UseKind:
        for each in [*sums(USES, kind), together(USES, kind)]:
            ended = (
                each.done, each.stopped, each.failed, each.to_phone, each.to_pc, each.to_person, each.did_not_work,
            )  # fmt: skip
            assert sum(ended) == each.uses, each
    assert sum(together(USES, kind).uses for kind in UseKind) == len(USES)


def test_times_and_pages_are_of_what_was_finished_and_retakes_of_all() -> None:
    housing, *others = sums(USES, UseKind.SCAN)
    assert (housing.slug, housing.uses, housing.done, housing.share_done) == ("housing", 4, 3, 75)
    assert (housing.seconds, housing.pages, housing.retakes) == (
        100,
        6,
        5,
    )  # one who stood an hour does not count for more
    assert [(each.slug, each.seconds) for each in others] == [("", None), ("parking", None)]
    assert together(USES, UseKind.SEARCH).share_done == 0


def test_where_people_left_the_most_frequent_first() -> None:
    assert gave_up([*USES, USES[3]]) == [
        GaveUp(UseKind.SCAN, "pages", 2),
        GaveUp(UseKind.FORM, "pages", 1),
        GaveUp(UseKind.SCAN, "what", 1),
    ]
