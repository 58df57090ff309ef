"""Feed rows and models to draw screens from: eight choices and their services, named in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from kiosk.flow.found import Appointment, Found, Standing
from kiosk.flow.line import Line
from kiosk.flow.model import Model, Screen, SetUpShown, Ticket, Visitor
from kiosk.flow.offer import read_offer
from kiosk.flow.shown import Checking
from kiosk.flow.telling import tell
from wire.vocabulary import Language, PaperState, PartState, PrinterState
from words import Catalogue

WORDS = Catalogue(strict=True)
NOW = int(datetime(2026, 11, 24, 10, 15, tzinfo=UTC).timestamp() * 1000)
"""A Tuesday, when York House is open."""
DEVICE = "d" * 32
WHERE = {
    "en": "Seats by the window", "gu": "બારી પાસેની બેઠકો", "pa": "ਖਿੜਕੀ ਕੋਲ ਸੀਟਾਂ", "ur": "کھڑکی کے پاس نشستیں",
    "ar": "المقاعد بجانب النافذة", "pl": "Krzesła przy oknie",
}  # fmt: skip

_CHOICES: list[tuple[str, str, dict[str, str]]] = [
    ("tax", "council-tax", {"en": "Council tax", "gu": "કાઉન્સિલ ટેક્સ", "pa": "ਕੌਂਸਲ ਟੈਕਸ", "ur": "کونسل ٹیکس", "ar": "ضريبة المجلس", "pl": "Podatek lokalny"}),
    ("money", "money", {"en": "Benefits and money", "gu": "લાભ અને પૈસા", "pa": "ਭੱਤੇ ਅਤੇ ਪੈਸੇ", "ur": "مالی امداد اور پیسے", "ar": "الإعانات والمال", "pl": "Zasiłki i pieniądze"}),
    ("home", "home", {"en": "Housing and homelessness", "gu": "ઘર અને બેઘરપણું", "pa": "ਘਰ ਅਤੇ ਬੇਘਰੀ", "ur": "گھر اور بے گھری", "ar": "السكن والتشرد", "pl": "Mieszkanie i bezdomność"}),
    ("scan", "scan", {"en": "Bring in documents", "gu": "દસ્તાવેજો આપવા", "pa": "ਦਸਤਾਵੇਜ਼ ਦੇਣੇ", "ur": "کاغذات جمع کرائیں", "ar": "تسليم المستندات", "pl": "Złożyć dokumenty"}),
    ("travel", "parking", {"en": "Parking and blue badge", "gu": "પાર્કિંગ અને બ્લુ બેજ", "pa": "ਪਾਰਕਿੰਗ ਅਤੇ ਨੀਲਾ ਬੈਜ", "ur": "پارکنگ اور بلیو بیج", "ar": "مواقف السيارات والبطاقة الزرقاء", "pl": "Parkowanie i niebieska karta"}),
    ("school", "school", {"en": "Schools and children", "gu": "શાળા અને બાળકો", "pa": "ਸਕੂਲ ਅਤੇ ਬੱਚੇ", "ur": "سکول اور بچے", "ar": "المدارس والأطفال", "pl": "Szkoły i dzieci"}),
    ("appointment", "calendar", {"en": "I have an appointment", "gu": "મારી મુલાકાત નક્કી છે", "pa": "ਮੇਰੀ ਮੁਲਾਕਾਤ ਤੈਅ ਹੈ", "ur": "میری ملاقات طے ہے", "ar": "لدي موعد", "pl": "Mam umówioną wizytę"}),
    ("else", "other", {"en": "Something else", "gu": "બીજું કંઈક", "pa": "ਕੁਝ ਹੋਰ", "ur": "کچھ اور", "ar": "شيء آخر", "pl": "Coś innego"}),
]  # fmt: skip

_HELP = {
    "en": "Bills, discounts, moving in or out", "gu": "બિલ, છૂટ, રહેવા આવવું કે જવું", "pa": "ਬਿੱਲ, ਛੋਟ, ਆਉਣਾ ਜਾਂ ਜਾਣਾ",
    "ur": "بل، رعایت، گھر بدلنا", "ar": "الفواتير والخصومات والانتقال", "pl": "Rachunki, ulgi, przeprowadzka",
}  # fmt: skip

_HOUSING: list[tuple[str, str, dict[str, str]]] = [
    ("homeless", "keys", {"en": "I have nowhere to stay", "gu": "મારે રહેવાની જગ્યા નથી", "pa": "ਮੇਰੇ ਕੋਲ ਰਹਿਣ ਦੀ ਥਾਂ ਨਹੀਂ", "ur": "میرے پاس رہنے کی جگہ نہیں", "ar": "ليس لدي مكان أقيم فيه", "pl": "Nie mam gdzie mieszkać"}),
    ("repairs", "home", {"en": "Repairs to my council home", "gu": "મારા કાઉન્સિલના ઘરનું સમારકામ", "pa": "ਮੇਰੇ ਕੌਂਸਲ ਦੇ ਘਰ ਦੀ ਮੁਰੰਮਤ", "ur": "میرے کونسل کے گھر کی مرمت", "ar": "إصلاحات في منزلي التابع للمجلس", "pl": "Naprawy w moim mieszkaniu"}),
    ("citizens", "advice", {"en": "Citizens Advice", "gu": "સિટિઝન્સ એડવાઇસ", "pa": "ਸਿਟੀਜ਼ਨਜ਼ ਐਡਵਾਈਸ", "ur": "سٹیزنز ایڈوائس", "ar": "نصائح المواطنين", "pl": "Porady dla mieszkańców"}),
]  # fmt: skip


def rows(*, open_: bool = True, **centre: Any) -> dict[str, dict[str, Any]]:
    """What a kiosk at York House is told."""
    found: dict[str, dict[str, Any]] = {
        "centre": {
            "kind": "centre", "name": "York House", "slug": "york-house", "timezone": "Europe/London",
            "languages": ["en", "gu", "pa", "ur", "ar", "pl"], "on": "2026-11-24", "open": open_, "closes": "16:30",
            "closes_at": NOW + 6 * 3_600_000, "opens_at": None if open_ else NOW + 2 * 86_400_000 - 45 * 60_000, "closed_reason": None,
            "wait_here": WHERE, "public_url": "https://foyer.example.org", **centre,
        },
        "booking": {"kind": "booking", "on": "2026-11-24", "entry": "appointment-service", "otherwise": "appointment-service"},
        "private": {"kind": "private", "service": "private", "open": True, "waits": {"low": 5, "high": 15}},
        f"device:{DEVICE}": {"kind": "device", "id": DEVICE, "name": "Kiosk 1", "letter": "K", "on": "2026-11-24", "last_number": 6, "help": "asked"},
    }  # fmt: skip
    for order, (slug, icon, names) in enumerate(_CHOICES):
        services = [entry[0] for entry in _HOUSING] if slug == "home" else [f"{slug}-service"]
        found[f"choice:{slug}"] = {
            "kind": "choice", "id": slug, "names": names, "icon": icon, "order": order, "services": services,
        }  # fmt: skip
        if slug != "home":
            found[f"service:{slug}"] = _service(
                f"{slug}-service", icon, names, slug, order, open_=slug != "else"
            )
    for order, (slug, icon, names) in enumerate(_HOUSING):
        found[f"service:{slug}"] = _service(slug, icon, names, "home", 20 + order, open_=slug != "citizens")
    return found


def _service(
    slug: str, icon: str, names: dict[str, str], choice: str, order: int, *, open_: bool
) -> dict[str, Any]:
    return {
        "kind": "service", "id": slug, "names": names, "help": _HELP, "icon": icon, "order": order, "choice": choice, "open": open_,
        "hours_today": [["09:30", "16:30"]] if open_ else [["13:00", "16:00"]], "opens_at": None if open_ else NOW + 165 * 60_000,
        "closes_at": NOW + 6 * 3_600_000, "waits": {"low": 10, "high": 20},
    }  # fmt: skip


def model(screen: Screen = Screen.START, language: Language = Language.EN, **visitor: Any) -> Model:
    """York House on a Tuesday at a quarter past ten, with somebody standing there."""
    shown = rows(open_=screen is not Screen.CLOSED)
    return Model(
        screen=screen, generation=3, device=DEVICE, offer=read_offer(shown, DEVICE), offer_live=True, link_up=True,
        printer=PrinterState.READY, steady=100.0, now=NOW, last_sign=100.0, visitor=Visitor(language=language, **visitor),
    )  # fmt: skip


TICKET = Ticket(
    id="a" * 32, code="K07", taken_at=NOW, follow_url="https://foyer.example.org/t/V7xq2mZk4hTQw9LrNc3eYb",
    waits=read_offer(rows(), DEVICE).services[0].waits, paper=PaperState.CONFIRMED,
)  # fmt: skip


def scenes(language: Language, **look: bool) -> dict[str, Model]:
    """Every screen there is, by name, in one language and look."""

    def at(screen: Screen, **visitor: Any) -> Model:
        return model(screen, language, **look, **visitor)

    needs = at(Screen.NEEDS)
    return {
        "start": at(Screen.START),
        "needs": needs,
        "no_paper": replace(needs, printer=PrinterState.OUT),
        "notice": at(Screen.NEEDS, notice=Line("service.opens_at", {"time": time(13, 0)})),
        "services": at(Screen.SERVICES, choice="home"),
        "private": at(Screen.SERVICES, private=True),
        "printing": at(Screen.TICKET, ticket=replace(TICKET, paper=PaperState.SENT)),
        "ticket": at(Screen.TICKET, ticket=TICKET),
        "ticket_no_paper": at(Screen.TICKET, ticket=replace(TICKET, paper=PaperState.NOT_PRINTED)),
        "came_out": at(Screen.TICKET, ticket=replace(TICKET, paper=PaperState.UNKNOWN)),
        "came_out_no_more": replace(
            at(Screen.TICKET, ticket=replace(TICKET, paper=PaperState.UNKNOWN)), printer=PrinterState.OUT
        ),
        "help": at(Screen.NEEDS, help_asked=True, help_shown=True),
        "help_alone": replace(at(Screen.NEEDS, help_asked=True, help_shown=True), link_up=False),
        "idle": replace(needs, steady=168.5),
        "announced": announced(at(Screen.START)),
        "announced_needs": announced(needs),
        "announced_no_paper": replace(announced(needs), printer=PrinterState.OUT),
        "closed": at(Screen.CLOSED),
        "locked": locked(at(Screen.LOCKED)),
        "evacuated": evacuated(at(Screen.EVACUATED)),
        "out_of_order": replace(at(Screen.OUT_OF_ORDER), offer=replace_offer()),
        "setup": replace(at(Screen.SETUP), device=None, setup=SetUpShown("7KQ4-M2XW")),
        "starting": at(Screen.STARTING),
    } | _of_check_in(at, needs)


def _of_check_in(at: Any, needs: Model) -> dict[str, Model]:
    def shown(screen: Screen, **checking: Any) -> Model:
        made = at(screen, checking=Checking(**checking))
        return replace(made, camera=PartState.READY, scanner=PartState.READY)

    def told(**found: Any) -> Model:
        return shown(
            Screen.TOLD,
            told=tell(needs, Found(starts_at=NOW + 45 * 60_000, from_at=NOW + 15 * 60_000, **found)),
        )

    def ticket(standing: Standing, **more: Any) -> Model:
        given = Appointment(standing, NOW + 15 * 60_000 if standing is not Standing.UNSURE else None)
        return at(Screen.TICKET, ticket=replace(TICKET, appointment=given, **more))

    return {
        "check_in": shown(Screen.CHECK_IN),
        "check_in_hint": shown(Screen.CHECK_IN, hint=Line("checkin.hint_unclear")),
        "check_in_looking": shown(Screen.CHECK_IN, reference="BCDFGHJW", hint=None),
        "check_in_scanner": replace(shown(Screen.CHECK_IN), camera=PartState.NONE),
        "reference": shown(Screen.REFERENCE),
        "reference_slip": shown(Screen.REFERENCE, typed="BCDFGHJ6", hint=Line("checkin.hint_slip")),
        "told_early": told(found="today"),
        "told_unknown": told(found="unknown"),
        "told_cancelled": told(found="cancelled"),
        "told_arrived": told(found="arrived", code="K07"),
        "told_centre": told(found="other_centre", centre="Beaumont Leys Library"),
        "told_day": shown(
            Screen.TOLD,
            told=tell(needs, Found(found="other_day", starts_at=NOW + 9 * 86_400_000, moved=True)),
        ),
        "told_past": shown(
            Screen.TOLD, told=tell(needs, Found(found="other_day", starts_at=NOW - 7 * 86_400_000))
        ),
        "ticket_on_time": ticket(Standing.ON_TIME),
        "ticket_late": ticket(Standing.LATE),
        "ticket_unsure": ticket(Standing.UNSURE, paper=PaperState.NOT_PRINTED),
    }


def announced(shown: Model) -> Model:
    """In the middle of the day a member of staff tells everybody the longest there is prepared."""
    text = {language.value: WORDS.say(language.value, "announce.closing_soon") for language in Language}
    told = {"kind": "announcement", "id": "a1", "text": text, "at": NOW, "until_at": None}
    return replace(shown, offer=read_offer(rows() | {"announcement:a1": told}, DEVICE))


def locked(shown: Model) -> Model:
    changed = rows()
    changed[f"device:{DEVICE}"]["locked"] = (
        "This kiosk is being cleaned. Greta at the desk by the door gives out numbers."
    )
    return replace(shown, offer=read_offer(changed, DEVICE))


def evacuated(shown: Model) -> Model:
    """Whoever stood there is gone, with their language and look."""
    return replace(shown, visitor=Visitor(), offer=read_offer(rows(evacuated_at=NOW - 60_000), DEVICE))


def replace_offer() -> Any:
    """A kiosk that has lost its letter: nothing to serve with."""
    return read_offer({key: row for key, row in rows().items() if not key.startswith("device:")}, DEVICE)
