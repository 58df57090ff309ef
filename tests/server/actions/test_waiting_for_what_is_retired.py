"""A service is retired while visitors wait, or while a kiosk still holds its tickets: an adviser who sits down afterwards can call them."""

from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import RefusalCode


async def test_who_sits_down_later_can_serve_those_who_still_wait(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue("housing")

    def retire(tx):
        tx.session().connection().exec_driver_sql("UPDATE service SET retired_at = 1 WHERE slug = 'housing'")

    await rehearsal.house.change(rehearsal.people["ada"], "retire", retire)
    await rehearsal.sit(services=("council-tax", "housing"))
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == taken.ticket
    await rehearsal.ask("ann", asks.NoShow(ticket=taken.ticket))
    nobody_left = asks.SitDown(counter="desk-2", services=("housing",))
    assert (await rehearsal.refused("ann", nobody_left)).code is RefusalCode.UNKNOWN
