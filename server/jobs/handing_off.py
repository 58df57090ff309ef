"""Brings what was handed in to its team, and looks whether it was fetched; beside everything else and in nobody's way.

A team's hand-offs go one after the other, the oldest first; the first that fails ends its turn, and comes again when it is due
(`server.domain.calling.wait_after`). A few teams are served at once, so one whose server hangs holds up none but itself. Each is taken in hand in a
transaction of its own before anything is sent (`actions.hand_offs`), so several servers on one database never send one twice; one that
died with it in hand leaves it to be tried again under the same id, and each way can tell how far the first try got.

What was laid down in a folder is looked after until it is gone: then, and only if our mark still stands there, the team has it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from server.actions import hand_offs
from server.actions.hand_offs import InHand
from server.connectors import folder, team_hook, team_mail
from server.connectors.dropping import Pick
from server.connectors.smtp import Smtp
from server.connectors.team_keys import KeysUnusable, TeamKeys, read_keys
from server.domain.access import Actor
from server.domain.calling import networks_of
from server.domain.hand_off import Later, Never, Result, stem_of
from server.domain.handing import Team, TeamWay
from server.domain.refusals import Refused
from server.edge import House
from server.jobs.bundling import bundle
from server.live.teams import Laying, due_teams, due_to_team, laid_down, to_take_back
from wire.vocabulary import Way

if TYPE_CHECKING:
    from server.connectors.sftp import Line

log = logging.getLogger("foyer.handoff")

LOOK_SECONDS = 2.0
PICK_ROUNDS = 8
"""Every so many looks it is seen whether something was fetched: a quarter of a minute."""
MOST_AT_ONCE = 4
MOST_IN_A_ROW = 50
"""Then others get their turn."""
LOST = (
    "Neither this nor our mark is in the team's folder any more. See whether the right folder is mounted there; then send it again, or say that the"
    " team has it."
)
_SAYS: Mapping[str, str] = {Pick.WAITING: "", Pick.LOST: LOST}
_BACK: Mapping[Pick, str] = {
    Pick.WAITING: hand_offs.TAKEN_BACK,
    Pick.TAKEN: hand_offs.FETCHED_BEFORE,
    Pick.LOST: hand_offs.NOT_THERE,
}
Key = tuple[int, str]


async def keep_handing_off(house: House) -> None:
    """Until cancelled: look every two seconds for teams with something due, and serve those that are not being served."""
    under_way: dict[Key, asyncio.Task[int]] = {}
    taking: asyncio.Task[int] | None = None
    looking: asyncio.Task[int] | None = None
    in_vain: set[Key] = set()
    number = 0
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            # Or two would look into one team's folder at once.
            if not await house.turns.mine("handing off"):
                house.process.did("handing off")
                continue
            under_way = {key: task for key, task in under_way.items() if not task.done()}
            try:
                for key in await _due(house):
                    if key not in under_way and len(under_way) < MOST_AT_ONCE:
                        under_way[key] = asyncio.create_task(_serve(house, *key))
                if taking is None or taking.done():
                    if number % PICK_ROUNDS == 0:
                        in_vain.clear()
                    taking = asyncio.create_task(take_back(house, in_vain))
                if number % PICK_ROUNDS == 0 and (looking is None or looking.done()):
                    looking = asyncio.create_task(look_for_fetched(house))
                house.process.did("handing off")
            except Exception:
                house.process.failed("handing off")
                log.exception("hand-offs could not be looked after; the next look is as usual")
            number += 1
    finally:
        tasks = [*under_way.values(), *(each for each in (taking, looking) if each)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def hand_off_due(house: House) -> int:
    """Serve every team with something due, once; how many attempts were made."""
    limit = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(key: Key) -> int:
        async with limit:
            return await _serve(house, *key)

    return sum(await asyncio.gather(*(one(key) for key in await _due(house))))


async def _due(house: House) -> list[Key]:
    return await house.look(partial(due_teams, now=house.clock.micros()))


async def _serve(house: House, centre: int, team: str) -> int:
    """Make a team's due attempts until one fails; how many were made."""
    actor, made = Actor(kind="system", centre=centre), 0
    try:
        due = await house.look(
            partial(due_to_team, centre=centre, team=team, now=house.clock.micros(), most=MOST_IN_A_ROW)
        )
        for hand_off in due:
            taken = await house.change(actor, "take_hand_off", partial(hand_offs.take, hand_off_id=hand_off))
            if taken is None:
                continue
            made += 1
            result = await attempt(house, taken)
            await house.change(actor, "note_hand_off", partial(hand_offs.note, taken=taken, result=result))
            if isinstance(result, Later):
                break
    except Refused:
        log.info(
            "team %s of centre %d: the database could not be written to; it is tried again", team, centre
        )
    except Exception:
        log.exception("team %s of centre %d could not be served; the others are", team, centre)
    return made


async def attempt(house: House, taken: InHand) -> Result:
    """One attempt. A fault of ours is said to staff and tried again; nothing of what is carried is in any log."""
    settings, team = house.settings, taken.team
    try:
        packed = await house.read(partial(bundle, keyring=house.keyring, taken=taken))
    except Refused as refused:
        return Never(refused.refusal.say)
    try:
        match team.way:
            case TeamWay.FOLDER:
                return await folder.hand_over(settings.handoff_folder, team.address, packed)
            case TeamWay.SFTP:
                line = _line(house)
                return await line.hand_over(team.address, await _keys(house, taken.centre_slug, team), packed)
            case TeamWay.WEBHOOK:
                keys, inside = await _keys(house, taken.centre_slug, team), networks_of(settings.hook_private)
                return await team_hook.hand_over(
                    team.address, keys, packed, house.clock.wall(), inside=inside
                )
            case TeamWay.EMAIL:
                carrier = house.carriers.by_way.get(Way.EMAIL)
                return await team_mail.hand_over(
                    carrier if isinstance(carrier, Smtp) else None,
                    team.address,
                    packed,
                    attach=team.attach,
                    link=f"{settings.public_url.rstrip('/')}/papers/{taken.submission}",
                    unsure=taken.unsure,
                )
            case TeamWay.LIST:
                return Never("This team looks at the list itself.")
    except KeysUnusable as error:
        return Later(str(error))
    except Exception as error:
        log.exception("a hand-off to team %s failed on our side (%s)", team.slug, type(error).__name__)
        return Later("Something went wrong on the server. It is tried again.")


async def _keys(house: House, centre: str, team: Team) -> TeamKeys:
    return await asyncio.to_thread(read_keys, house.settings.handoff_keys, centre, team.slug)


# What is taken back ---------------------------------------------------------------------------------------------------


async def take_back(house: House, in_vain: set[Key] | None = None) -> int:
    """Take away again what was laid down and is to go elsewhere, or nowhere; how many. Teams are asked side by side; one where it fails is put into
    `in_vain` and left alone until that is emptied."""
    in_vain = set() if in_vain is None else in_vain
    reading = partial(to_take_back, why=hand_offs.TO_TAKE_BACK, now=house.clock.now())
    found, stranded = await house.read(reading)
    for centre, hand_off in stranded:
        await _note_taken_back(house, centre, hand_off, hand_offs.STRANDED)
    by_team: dict[Key, list[Laying]] = {}
    for each in found:
        by_team.setdefault((each.centre, each.team.slug), []).append(each)
    work = [_take_back_from(house, key, laid, in_vain) for key, laid in by_team.items() if key not in in_vain]
    return sum(await asyncio.gather(*work))


async def _take_back_from(house: House, key: Key, laid: Iterable[Laying], in_vain: set[Key]) -> int:
    """One team's, until it fails."""
    done = 0
    try:
        for each in laid:
            found = await _take_back(house, each)
            if not isinstance(found, Pick):
                log.warning("what lies for team %s cannot be taken back yet; it is tried again", key[1])
                in_vain.add(key)
                break
            await _note_taken_back(house, each.centre, each.id, _BACK[found])
            done += 1
    except Exception:
        log.exception("what lies for team %s could not be taken back; it is tried again", key[1])
        in_vain.add(key)
    return done


def _line(house: House) -> Line:
    # Loaded when a team is first served by SFTP: 28 MB, which a council whose teams have folders never needs.
    from server.connectors.sftp import Line

    return Line(house.settings.handoff_known_hosts)


async def _note_taken_back(house: House, centre: int, hand_off: str, why: str) -> None:
    note = partial(hand_offs.taken_back, hand_off_id=hand_off, why=why)
    await house.change(Actor(kind="system", centre=centre), "hand_off_taken_back", note)


async def _take_back(house: House, laid: Laying) -> Pick | str:
    name = f"{stem_of(laid.reference, laid.round)}.json"
    if laid.team.way is TeamWay.FOLDER:
        return await folder.take_back(house.settings.handoff_folder, laid.team.address, laid.id, name)
    try:
        keys = await _keys(house, laid.centre_slug, laid.team)
    except KeysUnusable as error:
        return str(error)
    line = _line(house)
    return await line.take_back(laid.team.address, keys, laid.id, name)


# What was fetched -----------------------------------------------------------------------------------------------------


async def look_for_fetched(house: House) -> int:
    """Note what teams have fetched since the last look; how many."""
    by_team: dict[Key, list[Laying]] = {}
    for each in await house.read(laid_down):
        by_team.setdefault((each.centre, each.team.slug), []).append(each)
    return sum(await asyncio.gather(*(_look_at(house, laid) for laid in by_team.values())))


async def _look_at(house: House, laid: Iterable[Laying]) -> int:
    """One team's. What cannot be seen now is neither fetched nor lost."""
    laid = list(laid)
    actor, fetched = Actor(kind="system", centre=laid[0].centre), []
    try:
        found = await _ask(house, laid)
        for each in laid:
            pick = found if isinstance(found, str) else found[each.id]
            if pick is Pick.TAKEN:
                await house.change(actor, "hand_off_fetched", partial(hand_offs.picked, hand_off_id=each.id))
                fetched.append(each.id)
            elif each.why != (why := _SAYS.get(pick, pick)):
                await house.change(
                    actor, "hand_off_seen", partial(hand_offs.seen, hand_off_id=each.id, why=why)
                )
        await _clear(house, laid[0], fetched)
    except Exception:
        log.exception(
            "it could not be seen what team %s fetched; the next look is as usual", laid[0].team.slug
        )
    return len(fetched)


async def _ask(house: House, laid: list[Laying]) -> Mapping[str, Pick] | str:
    notes = {each.id: f"{stem_of(each.reference, each.round)}.json" for each in laid}
    first = laid[0]
    if first.team.way is TeamWay.FOLDER:
        return await folder.look_for(house.settings.handoff_folder, first.team.address, notes)
    try:
        keys = await _keys(house, first.centre_slug, first.team)
    except KeysUnusable as error:
        return str(error)
    return await _line(house).look_for(first.team.address, keys, notes)


async def _clear(house: House, first: Laying, fetched: list[str]) -> None:
    if not fetched:
        return
    if first.team.way is TeamWay.FOLDER:
        await folder.clear(house.settings.handoff_folder, first.team.address, fetched)
    else:
        keys = await _keys(house, first.centre_slug, first.team)
        await _line(house).clear(first.team.address, keys, fetched)
