"""A feed's promise: snapshot, then changes without a hole; resumed whole or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from server.live.feed import KEPT_CHANGES, KEPT_CHARACTERS, Feed
from wire.follow import Change, Follower
from wire.frames import Beat, Cursor, Delta, Snapshot, read_server_frame

ROWS = st.dictionaries(st.sampled_from("abcdef"), st.fixed_dictionaries({"n": st.integers(0, 3)}), max_size=6)


class Pile:
    def __init__(self) -> None:
        self.messages: list[str] = []

    def put(self, message: str) -> None:
        self.messages.append(message)


def take_all(follower: Follower, pile: Pile) -> None:
    for message in pile.messages:
        frame = read_server_frame(message)
        assert isinstance(frame, Snapshot | Delta | Beat)
        assert isinstance(follower.take(frame, 0.0), Change)
    pile.messages.clear()


@given(st.lists(ROWS, min_size=1, max_size=30), st.data())
def test_a_follower_that_comes_and_goes_always_ends_equal(
    views: list[dict[str, dict[str, int]]], data: st.DataObject
) -> None:
    feed, follower, pile = Feed(), Follower(), Pile()
    feed.publish({})
    following = False
    for rows in views:
        if data.draw(st.booleans()):
            if following:
                feed.leave(pile)
                pile.messages.clear()  # what was on its way is lost with the line
            else:
                feed.join(pile, follower.cursor, 0)
            following = not following
        feed.publish(rows)
        if following:
            take_all(follower, pile)
            assert follower.rows == dict(rows)
    if not following:
        feed.join(pile, follower.cursor, 0)
        take_all(follower, pile)
    assert follower.rows == dict(views[-1])


def test_nothing_is_said_when_nothing_changed() -> None:
    feed, pile = Feed(), Pile()
    feed.publish({"a": {"n": 1}})
    feed.join(pile, None, 0)
    pile.messages.clear()
    assert not feed.publish({"a": {"n": 1}})
    assert pile.messages == []


def test_a_cursor_of_another_life_gets_everything_anew() -> None:
    feed, pile = Feed(), Pile()
    feed.publish({"a": {"n": 1}})
    feed.join(pile, Cursor(epoch="another", seq=feed.cursor.seq), 0)
    assert isinstance(read_server_frame(pile.messages[0]), Snapshot)


def test_a_cursor_from_the_future_gets_everything_anew() -> None:
    feed, pile = Feed(), Pile()
    feed.publish({"a": {"n": 1}})
    feed.join(pile, Cursor(epoch=feed.cursor.epoch, seq=99), 0)
    assert isinstance(read_server_frame(pile.messages[0]), Snapshot)


def test_whoever_was_away_too_long_gets_everything_anew_and_whoever_was_not_gets_what_was_missed() -> None:
    feed = Feed()
    feed.publish({"n": {"n": 0}})
    start = feed.cursor
    for number in range(1, KEPT_CHANGES + 1):
        feed.publish({"n": {"n": number}})
    just_in_time, too_late = Pile(), Pile()
    feed.join(just_in_time, start, 0)
    assert len(just_in_time.messages) == KEPT_CHANGES + 1
    feed.publish({"n": {"n": -1}})
    feed.join(too_late, start, 0)
    assert isinstance(read_server_frame(too_late.messages[0]), Snapshot)


def test_long_changes_are_kept_only_while_they_are_few() -> None:
    """Of the staff console's changes 512 would be two million characters for each centre."""
    feed = Feed()
    feed.publish({"n": {"text": ""}})
    start = feed.cursor
    fit = KEPT_CHARACTERS // 100_100
    for number in range(fit):
        feed.publish({"n": {"text": f"{number}".rjust(100_000)}})
    just_in_time, too_late = Pile(), Pile()
    feed.join(just_in_time, start, 0)
    assert len(just_in_time.messages) == fit + 1
    feed.publish({"n": {"text": "one more".rjust(100_000)}})
    feed.join(too_late, start, 0)
    assert isinstance(read_server_frame(too_late.messages[0]), Snapshot)


def test_who_comes_within_a_second_is_told_the_same_time_and_who_comes_later_the_time_then() -> None:
    feed, pile = Feed(), Pile()
    feed.publish({"a": {"n": 1}})
    for now in (5_000, 5_999, 6_000, 2_000):  # the last after the clock was set back
        feed.join(pile, None, now)
    told = [read_server_frame(message) for message in pile.messages]
    assert [each.now for each in told if isinstance(each, Snapshot)] == [5_000, 5_000, 6_000, 2_000]
