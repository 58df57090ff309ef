"""What was read of a file is had again by who sent it, for its time; and then nothing of it is left in memory."""

from server.domain.access import Actor
from server.web.identity import Caller
from server.web.previews import Kept, Previews

ANN = Caller(Actor(kind="staff", id=1, centre=7))


def kept(at: int = 0) -> Kept[str]:
    return Kept(at, 1, 7, "names.csv", "d", "Jane Example")


def test_a_file_is_had_by_who_sent_it_where_they_sent_it() -> None:
    previews = Previews[str](2, 100)
    key = previews.keep(kept())
    assert previews.take(key, ANN, 99) == kept()
    assert previews.take(key, Caller(Actor(kind="staff", id=2, centre=7)), 99) is None
    assert previews.take(key, Caller(Actor(kind="staff", id=1, centre=8)), 99) is None
    previews.drop(key)
    assert previews.take(key, ANN, 99) is None


def test_names_are_let_go_of_when_their_time_is_over() -> None:
    previews = Previews[str](2, 100)
    previews.keep(kept())
    assert previews.take("another", ANN, 100) is None
    assert not previews._kept


def test_the_oldest_makes_room() -> None:
    previews = Previews[str](2, 100)
    first, second, third = (previews.keep(kept(at)) for at in range(3))
    assert [previews.take(key, ANN, 3) is not None for key in (first, second, third)] == [False, True, True]
