"""A screen that comes back is given all it missed at once; the outbox must have room for that, however much was missed.

Were it to choke, the screen would be sent away without having moved on, come back with the same cursor, and choke again for ever.
"""

import pytest

from server.live.feed import KEPT_CHANGES, Feed
from server.web.socket import MOST_BYTES, Outbox
from wire.frames import Delta, Snapshot, read_server_frame


@pytest.mark.parametrize("missed", [1, 100, 257, KEPT_CHANGES, KEPT_CHANGES + 1])
async def test_whatever_was_missed_a_return_is_not_hung_up_on(missed: int) -> None:
    feed = Feed()
    feed.publish({"line": {"waiting": 0}})
    before = feed.cursor
    for number in range(1, missed + 1):
        feed.publish({"line": {"waiting": number}})
    outbox = Outbox()
    feed.join(outbox, before, 0)
    assert not outbox.choked
    first = await outbox.take()
    assert first is not None
    assert isinstance(read_server_frame(first), Delta if missed <= KEPT_CHANGES else Snapshot)


async def test_large_changes_are_not_sent_when_the_whole_is_less() -> None:
    feed = Feed()
    feed.publish({"line": {"text": ""}})
    before = feed.cursor
    for number in range(KEPT_CHANGES):
        feed.publish({"line": {"text": f"{number} " + "x" * (2 * MOST_BYTES // KEPT_CHANGES)}})
    outbox = Outbox()
    feed.join(outbox, before, 0)
    assert not outbox.choked
    first = await outbox.take()
    assert first is not None
    assert isinstance(read_server_frame(first), Snapshot)
