"""Which template at GOV.UK Notify is for which letter: the file `FOYER_LETTERS`, and the text to set the templates up with.

    [confirmed.sms]
    en = "f33517ff-2a88-4f6e-b855-c550268ce08a"
    pl = "..."

A language without a template gets the English one: a visitor who reads little English can still show it to somebody, and the time and the
place are figures and names. A letter without any template fails with that said, so that it is seen and not missed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from server.connectors import letters
from server.domain.posting import parts
from wire.vocabulary import Letter, Way

Templates = Mapping[tuple[Letter, Way, str], str]
FALLBACK = "en"


class LettersUnusable(Exception):
    """The file cannot be used; the text says why, for the administrator."""


def read_templates(path: Path) -> Templates:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise LettersUnusable(f"The file of templates {path} cannot be read. See FOYER_LETTERS.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LettersUnusable(f"The file of templates {path} is not right: {error}.") from None
    found: dict[tuple[Letter, Way, str], str] = {}
    for letter, by_way in document.items():
        for way, by_language in by_way.items() if isinstance(by_way, dict) else ():
            for language, number in by_language.items() if isinstance(by_language, dict) else ():
                key = _key(path, letter, way, language)
                found[key] = _number(path, letter, way, language, number)
    if not found:
        raise LettersUnusable(
            f"The file of templates {path} names no template. 'foyer letters --file' writes one."
        )
    return found


def _key(path: Path, letter: str, way: str, language: str) -> tuple[Letter, Way, str]:
    known = {(each.value, by.value) for each, by in letters.kinds()}
    if (letter, way) not in known:
        raise LettersUnusable(f"{path} names [{letter}.{way}], and there is no such letter.")
    if language not in letters.languages():
        raise LettersUnusable(
            f"{path} names the language {language!r} in [{letter}.{way}], which Foyer does not speak."
        )
    return Letter(letter), Way(way), language


def _number(path: Path, letter: str, way: str, language: str, number: object) -> str:
    try:
        return str(UUID(str(number)))
    except ValueError:
        raise LettersUnusable(
            f"{path}: {language} in [{letter}.{way}] is not a template's ID. Copy it from the template's page at Notify."
        ) from None


def template_for(templates: Templates, letter: Letter, way: Way, language: str) -> str | None:
    return templates.get((letter, way, language)) or templates.get((letter, way, FALLBACK))


def sheet() -> str:
    """Every template's text with its fields, as a page of Markdown: what an administrator pastes into Notify."""
    lines = [
        "# The templates to set up at GOV.UK Notify",
        "",
        "Written by `foyer letters` from the sentences in `locale/`; do not edit. Make one template at Notify for each box: paste the",
        "text as it stands, double brackets included, and note the template's ID in the file named by `FOYER_LETTERS`",
        "(`foyer letters --file` writes one with every name in it). See [messages.md](messages.md).",
        "",
        "The length of a text is counted with usual values in the fields; a text of several parts arrives as one and is charged as several.",
        "Only English and Polish without its own letters fit GSM-7 (160 signs, then 153 a part); other scripts travel as UCS-2 (70, then 67).",
        "",
    ]
    for letter, way in letters.kinds():
        lines += [f"## {letter.value}.{way.value}", "", "Fields: " + _named(letter, way) + ".", ""]
        for language in letters.languages():
            lines += [f"### {language} ({letters.language_name(language)})", ""]
            if way is Way.EMAIL:
                lines += [f"Subject: {letters.subject(letter, language)}", ""]
            lines += ["```text", letters.template(letter, way, language), "```", ""]
            if way is Way.SMS:
                lines += [_length(letter, language), ""]
    return "\n".join(lines)


_USUAL = {
    "centre": "York House",
    "reference": "BCDF-3467",
    "code": "A023",
    "link": "https://queue.leicester.gov.uk/b/AZqo7w3xcdKq5B2Fh0JtUg.c2VhbGVkLXdpdGgtYS1rZXkt",
}


def _named(letter: Letter, way: Way) -> str:
    return ", ".join(f"`{name}`" for name in letters.field_names(letter, way))


def _length(letter: Letter, language: str) -> str:
    usual = {
        **_USUAL,
        "what": letters.neutral(language, letter),
        "when": letters.usual_time(language),
        "why": letters.usual_why(language),
        "promise": letters.usual_promise(language),
    }
    said = letters.text(
        letter, Way.SMS, language, {name: usual[name] for name in letters.field_names(letter, Way.SMS)}
    )
    alphabet, units, number = parts(said)
    return f"{alphabet}, {units} signs, {number} part{'s' if number > 1 else ''}."


def blank() -> str:
    """A file for `FOYER_LETTERS` with every template's name and no ID yet."""
    lines = [
        "# The IDs of the templates at GOV.UK Notify, by letter, way and language. Take out a language you have no template for."
    ]
    for letter, way in letters.kinds():
        lines += [
            "",
            f"[{letter.value}.{way.value}]",
            *(f'{language} = ""' for language in letters.languages()),
        ]
    return "\n".join(lines) + "\n"
