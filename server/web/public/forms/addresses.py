"""The page of an address: by its postcode from the council's own list, or typed line by line. "Not in the list" is always there.

Three ways a page stands: asking the postcode, offering what was found, or the lines themselves. Without a list in this house the page begins with the
lines. What is looked up is a postcode and nothing else; what was found stands in the visitor's own sealed form until they have picked.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from forms.judging import ADDRESS_LINES, Typed
from forms.references import read_postcode
from forms.saying import sentence
from forms.wrong import Wrong
from server.actions import carrying
from server.web.gate import house_of
from server.web.gazetteer import can_look_up, look_up_for_visitor
from server.web.identity import address_of
from server.web.public.forms.asking import FIELD, text_in
from server.web.public.forms.begun import Begun, actor_of

LINES = (*ADDRESS_LINES, "postcode")
NOT_LISTED = "none"


async def looked_up(request: Request, form: Begun, spot: str, typed: Typed) -> dict[str, Any]:
    """How the page stands: `mode` find, pick or type; what was found; what is wrong."""
    look = dict(form.state.get("look", {}).get(spot, {}))
    given = typed if isinstance(typed, dict) else {}
    able = await can_look_up(house_of(request))
    filled = any(given.get(line) for line in ADDRESS_LINES)
    mode = look.get("mode") or ("type" if filled or not able else "find")
    if not able:
        mode = "type"
    found = look.get("found", []) if mode == "pick" else []
    if mode == "pick" and not found:
        mode = "type"
    word = look.get("wrong", "")
    wrong = sentence(form.voice.language, Wrong(word, {"example": "LE1 6RN"})) if word else ""
    return {
        "mode": mode,
        "able": able,
        "found": found,
        "wrong": wrong,
        "note": look.get("note", ""),
        "postcode": look.get("postcode") or given.get("postcode", ""),
    }


async def answered(
    request: Request, form: Begun, spot: str, typed: Typed, data: FormData
) -> tuple[Begun, Typed, bool]:
    """The form, what is typed now, and whether the page is to be shown again without judging it."""
    if text_in(data, "lang") or text_in(data, "do") in ("back", "person"):
        return form, _plain(form, spot, typed), False
    before = await looked_up(request, form, spot, form.state.get("typed", {}).get(spot, {}))
    pressed = text_in(data, "do")
    if pressed == "type":
        return (
            _standing(form, spot, mode="type", postcode=text_in(data, f"{FIELD}-postcode")),
            _of(data),
            True,
        )
    if pressed == "look":
        return _standing(form, spot, mode="find"), _of(data), True
    if pressed == "find" or text_in(data, "mode") == "find":
        return await _find(request, form, spot, data, insist=pressed == "find")
    if text_in(data, "mode") == "pick" and before["mode"] == "pick":
        return _pick(form, spot, before, data)
    return form, _plain(form, spot, typed), False


def _standing(form: Begun, spot: str, **look: Any) -> Begun:
    return form.with_(look={**form.state.get("look", {}), spot: look})


def _of(data: FormData) -> dict[str, str]:
    return {line: text_in(data, f"{FIELD}-{line}") for line in LINES}


def _plain(form: Begun, spot: str, typed: Typed) -> Typed:
    """Lines that were changed are not the list's any more, so its number goes."""
    given = dict(typed) if isinstance(typed, dict) else {}
    picked = form.state.get("picked", {}).get(spot, {})
    same = picked and all(given.get(line, "") == picked.get(line, "") for line in LINES)
    given.pop("uprn", None)
    return {**given, "uprn": picked["uprn"]} if same else given


async def _find(
    request: Request, form: Begun, spot: str, data: FormData, *, insist: bool
) -> tuple[Begun, Typed, bool]:
    """Nothing typed and "continue" pressed: the page is judged as empty."""
    text = text_in(data, f"{FIELD}-postcode")[:40]
    if not text and not insist:
        return form, _of(data), False
    postcode = read_postcode(text)
    if postcode is None:
        look = {"mode": "find", "postcode": text, "wrong": "postcode_wrong" if text else "postcode_missing"}
        return _standing(form, spot, **look), _of(data), True
    asking = partial(carrying.may_ask, what="look_up", subject=form.held.id)
    may = await house_of(request).change(actor_of(request, form.at.centre_id), "look_up", asking)
    found = await look_up_for_visitor(house_of(request), postcode, address_of(request)) if may else None
    listed = [{"key": each.uprn, "lines": each.lines, "postcode": each.postcode} for each in found or ()]
    stands: dict[str, Any] = {"mode": "pick" if listed else "type", "postcode": postcode, "found": listed}
    stands["note"] = "" if listed else "no_look_up" if found is None else "no_addresses"
    return _standing(form, spot, **stands), {**_of(data), "postcode": postcode}, True


def _pick(form: Begun, spot: str, before: dict[str, Any], data: FormData) -> tuple[Begun, Typed, bool]:
    picked = text_in(data, "pick")
    postcode = before["postcode"]
    if picked == NOT_LISTED:
        return _standing(form, spot, mode="type", postcode=postcode), {"postcode": postcode}, True
    one = next((each for each in before["found"] if each["key"] == picked), None)
    if one is None:
        stands = {"mode": "pick", "postcode": postcode, "found": before["found"], "wrong": "choose_one"}
        return _standing(form, spot, **stands), {}, True
    typed = {**dict.fromkeys(ADDRESS_LINES, ""), "postcode": one["postcode"], "uprn": one["key"]}
    typed |= dict(zip(ADDRESS_LINES, one["lines"], strict=False))
    form = _standing(form, spot, mode="type")
    return form.with_(picked={**form.state.get("picked", {}), spot: typed}), typed, False
