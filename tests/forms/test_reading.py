"""Every bad definition is told by a sentence with its line and place."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from jsonschema import Draft202012Validator

from forms import check, reaching, schema
from forms.form import Form
from forms.reading import read_form
from tests.forms.small import HEAD, faults_of, form_of, text_of

A = "- {key: a, kind: yes_no, title: {en: A}}"


def said(steps: str, head: str = HEAD, more: str = "") -> list[str]:
    return [fault.say for fault in faults_of(steps, head, more)]


def test_a_loop_of_conditions_is_named() -> None:
    found = faults_of("""
    - {key: a, kind: yes_no, title: {en: A}, when: {question: c, is: yes}}
    - {key: b, kind: yes_no, title: {en: B}, when: {question: a, is: yes}}
    - {key: c, kind: yes_no, title: {en: C}, when: {question: b, is: yes}}
    """)
    assert [(fault.line, fault.place) for fault in found] == [
        (7, "step 1 (a), when"),
        (8, "step 2 (b), when"),
        (9, "step 3 (c), when"),
    ]
    assert found[0].say == "“a” depends on “c”, and “c” on “a”: a loop."


def test_a_condition_on_a_later_question_is_named() -> None:
    found = said("- {key: z, kind: text, title: {en: Z}, when: {question: a, is: yes}}\n" + A)
    assert found == ["“a” is asked later; a condition can only look at what has been asked before."]


def test_a_missing_translation_is_named_with_its_language_and_line() -> None:
    head = (
        HEAD.replace("[en]", "[en, pl]")
        .replace("}", ", pl: x}")
        .replace("A small form, pl: x", "A small form")
    )
    steps = "- {key: a, kind: yes_no, title: {en: A, pl: A}, hint: {en: H}}"
    found = faults_of(steps, head)
    assert [(fault.line, fault.place) for fault in found] == [(4, "lead"), (7, "step 1 (a), hint")]
    assert found[0].say == "The sentence is not there in Polish (pl), which the form says it speaks."


def test_a_language_that_is_not_claimed_is_named() -> None:
    assert said("- {key: a, kind: yes_no, title: {en: A, ur: A}}") == [
        "The sentence is there in Urdu (ur), but “languages” does not name it."
    ]
    assert (
        "English (en) must come first"
        in said(A.replace("en:", "pl:"), HEAD.replace("[en]", "[pl]").replace("en:", "pl:"))[0]
    )


@pytest.mark.parametrize(
    "when",
    [
        "{all: [{question: a, is: yes}, {question: a, is: no}]}",
        "{all: [{question: n, more_than: 5}, {question: n, less_than: 5}]}",
        "{question: n, more_than: 10}",
        "{not: {question: a, answered: true}}",
        "{all: [{question: c, is: x}, {question: c, is: alone}]}",
        "{question: b, is: yes}",
    ],
)
def test_an_unreachable_page_is_named(when: str) -> None:
    steps = f"""
    - {{key: a, kind: yes_no, title: {{en: A}}}}
    - {{key: n, kind: number, title: {{en: N}}, least: 0, most: 10}}
    - key: c
      kind: choices
      title: {{en: C}}
      options: [{{value: x, label: {{en: X}}}}, {{value: y, label: {{en: Y}}}}, {{value: alone, label: {{en: Z}}, alone: true}}]
    - {{key: b, kind: yes_no, title: {{en: B}}, when: {{all: [{{question: a, is: yes}}, {{question: a, is: no}}]}}}}
    - {{key: z, kind: text, title: {{en: Z}}, when: {when}}}
    """
    found = faults_of(steps)
    assert found[-1].place == "step 5 (z)"
    assert found[-1].say == "Nobody can ever reach this page: no answers make its condition true."


def test_a_form_with_very_many_ways_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every way is tried then: what is written while others wait must not be one that takes a minute to read."""
    monkeypatch.setattr(reaching, "MOST_IN_ALL", 600)
    options = ", ".join(f"{{value: v{n}, label: {{en: L}}}}" for n in range(5))
    asked = [f"- {{key: q{n}, kind: choice, title: {{en: T}}, options: [{options}]}}" for n in range(3)]
    never = "{all: [{question: q0, is: v0}, {question: q0, is: v1}, {question: q1, is: v2}, {question: q2, is: v2}]}"
    pages = [f"- {{key: p{n}, kind: text, title: {{en: T}}, when: {never}}}" for n in range(20)]
    found = faults_of("\n".join([*asked, *pages]))
    assert found[0].place == "step 4 (p0)"
    assert len(found) == 4, "125 ways each, and then it is given the benefit of the doubt"


def test_pages_after_an_end_are_reached_only_by_those_who_did_not_end() -> None:
    stop = "- {key: stop, kind: notice, ends: true, title: {en: S}, text: {en: S}}"
    assert said(f"{A}\n{stop}\n- {{key: z, kind: text, title: {{en: Z}}}}") == [
        "Every way through the form stops at a notice that ends it: nothing can ever be sent.",
        "Nobody can ever reach this page: every way stops at a notice before it.",
    ]
    sometimes = stop.replace("{en: S}}", "{en: S}, when: {question: a, is: yes}}")
    only_yes = "- {key: z, kind: text, title: {en: Z}, when: {question: a, is: yes}}"
    assert len(said(f"{A}\n{sometimes}\n{only_yes}")) == 1
    assert form_of(f"{A}\n{sometimes}\n" + only_yes.replace("yes", "no"))


def test_a_sum_over_several_items_can_be_reached() -> None:
    steps = """
    - key: g
      kind: group
      title: {en: G}
      one: {en: One}
      most: 3
      questions: [{key: n, kind: number, title: {en: N}, least: 0, most: 2}]
    - {key: z, kind: text, title: {en: Z}, when: {question: sum, more_than: 5}}
    """
    total = "totals: [{key: sum, title: {en: Sum}, of: [n]}]\n"
    assert form_of(steps, more=total)
    assert len(said(steps.replace("more_than: 5", "more_than: 6"), more=total)) == 1


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (f"{A}\n{A}", "“a” is the key of another step already; each needs its own."),
        ("- {key: a, key: b, kind: text, title: {en: A}}", "“key” stands here twice."),
        ("- {key: a, kind: choice, title: {en: A}}", "“choice” needs “options”: what can be chosen."),
        (
            "- {key: a, kind: choice, title: {en: A}, options: [{value: x}, {value: y, label: {en: Y}}]}",
            "“label” is missing here.",
        ),
        (
            "- {key: a, kind: choice, title: {en: A}, options: [{value: x, label: {en: X}}, {value: x, label: {en: Y}}]}",
            "“x” is the value of another option already.",
        ),
        (
            "- {key: a, kind: text, title: {en: A}, most: 3}",
            "“most” says nothing for “text”; it is for: money, number.",
        ),
        (
            "- {key: a, kind: number, title: {en: A}, least: 4, most: 3}",
            "At least 4 but at most 3: nothing is both.",
        ),
        ("- {key: a, kind: date, title: {en: A}, latest: 2026-02-31}", "There is no day 2026-02-31."),
        (
            "- {key: a, kind: date, title: {en: A}, earliest: today + 2 days, latest: today}",
            "The earliest day is after the latest: no date is right.",
        ),
        ("- {key: a, kind: text, title: {en: A}, when: {question: b, is: yes}}", "There is no question “b”."),
        (
            "- {key: a, kind: text, title: {en: A}, when: {question: a, answered: true}}",
            "It is shown only if it is answered itself: a loop.",
        ),
        (
            f"{A}\n- {{key: b, kind: text, title: {{en: B}}, when: {{question: a, is: maybe}}}}",
            "“a” is answered yes or no, never “maybe”.",
        ),
        (
            f"{A}\n- {{key: b, kind: text, title: {{en: B}}, when: {{question: a, more_than: 1}}}}",
            "“a” is no number, so it cannot be more or less than one.",
        ),
        ("- {key: a, kind: tex, title: {en: A}}", "“tex” is not known here. It must be one of: "),
        (
            "- {key: a, kind: text, title: {en: A}, colour: red}",
            "“colour” is not a field here. Fields here are: ",
        ),
        (
            "- {key: A b, kind: text, title: {en: A}}",
            "“A b” is not right here: use small letters, digits and _",
        ),
        ("- {key: a, kind: text, title: A}", "Here must be a set of fields, not “A”."),
        ("- {key: a, kind: text, title: {en: ''}}", "The sentence is empty."),
        (
            "- {key: a, kind: text, title: {en: A}, when: {question: b}}",
            "A condition is one of: {question: KEY, is: VALUE}",
        ),
        ("- {key: a, kind: declaration, title: {en: A}}", "A declaration needs its “statement”"),
        (
            "- {key: a, kind: photo, title: {en: A}, most_chosen: 11}",
            "At most 10 photographs fit in one answer.",
        ),
        (
            "- {key: g, kind: group, title: {en: G}, one: {en: O}, least: 3, most: 2, questions: [{key: n, kind: text, title: {en: N}}]}",
            "At least 3 but at most 2: no number is both.",
        ),
        (
            "- {key: g, kind: group, title: {en: G}, one: {en: O}, questions: [{key: n, kind: yes_no, title: {en: N}}]}\n"
            "- {key: z, kind: text, title: {en: Z}, when: {question: n, is: yes}}",
            "“n” is asked for each of “g”; from outside only “g” itself (how many) can be looked at.",
        ),
        (
            "- {key: n, kind: notice, title: {en: N}, text: {en: N}, link: 'http://x'}",
            "“http://x” is not right here: a link begins with https://",
        ),
        (
            '- {key: a, kind: text, title: {en: "A\\u202eb"}}',
            "The English sentence has signs that nobody sees (U+202E). Type it anew.",
        ),
        ("[]", "This has too little in it: at least 1."),
    ],
)
def test_a_bad_definition_is_told_by_a_sentence(steps: str, sentence: str) -> None:
    assert any(each.startswith(sentence) for each in said(steps)), said(steps)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            "totals: [{key: t, title: {en: T}, of: [a]}]\n",
            "“a” is no number and no money, so it cannot be added up.",
        ),
        ("totals: [{key: t, title: {en: T}, of: [nought]}]\n", "There is no question “nought”."),
        ("receipt: {phone: a}\n", "“a” is no question of kind “phone” outside a group."),
        ("case: a\n", "“a” is no question of kind “reference” outside a group."),
        (
            "endings: [{title: {en: T}, text: {en: T}, when: {question: b, is: yes}}]\n",
            "There is no question “b”.",
        ),
        (
            "endings: [{title: {en: T}, text: {en: T}}, {title: {en: U}, text: {en: U}}]\n",
            "Nobody can ever be told this: an ending before it, or its own condition, never lets it.",
        ),
    ],
)
def test_what_stands_beside_the_steps_is_judged_too(more: str, sentence: str) -> None:
    assert said(A, more=more) == [sentence]


def test_numbers_and_money_are_not_added_together() -> None:
    steps = "- {key: n, kind: number, title: {en: N}}\n- {key: m, kind: money, title: {en: M}}"
    found = said(steps, more="totals: [{key: t, title: {en: T}, of: [n, m]}]\n")
    assert found == ["Numbers and money cannot be added up together."]


def test_an_anonymous_form_asks_nobody_who_they_are() -> None:
    found = said("- {key: p, kind: phone, title: {en: P}}", more="anonymous: true\n")
    assert found == ["The form says it is anonymous, and asks for “phone”."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The document is empty."),
        ("a: [1, 2", "This is not YAML: "),
        ("a: &x 1\n", "Anchors and aliases (& and *) are not allowed. Take the & away."),
        ("a: &x 1\nb: *x\n", "Anchors and aliases (& and *) are not allowed."),
        ("a: !!python/object/apply:os.system [ls]\n", "Tags (!) are not allowed."),
        ("--- {}\n--- {}\n", "A second document begins here; a form is one."),
        ("[" * 200 + "]" * 200, "This is nested too deeply."),
        ("x" * 500_001, "The document is longer than 500000 characters."),
        ("a: \x00", "This is not YAML: "),
        ("? [a]\n: b\n", "The name of a field must be a plain word."),
        ("- a\n", "Here must be a set of fields, not a list."),
        ("just words", "Here must be a set of fields, not “just words”."),
    ],
)
def test_what_is_no_document(text: str, sentence: str) -> None:
    found = read_form(text)
    assert not isinstance(found, Form)
    assert found[0].say.startswith(sentence), found


def test_laughs_are_refused_before_anything_is_built() -> None:
    lines = [
        "a0: &a0 [x,x,x,x,x,x,x,x,x]",
        *(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)),
    ]
    found = read_form("\n".join(lines))
    assert not isinstance(found, Form)
    assert len(found) == 1


def test_json_is_read_too_and_no_means_no_word() -> None:
    found = form_of(
        "- {key: a, kind: choice, title: {en: A}, options: [{value: no, label: {en: No}}, {value: yes, label: {en: Yes}}]}"
    )
    assert [option.value for option in found.steps[0].options] == ["no", "yes"]  # type: ignore[union-attr]  # it is a question
    body = {
        "slug": "j",
        "languages": ["en"],
        **{name: {"en": name} for name in ("title", "lead", "sent")},
        "steps": [{"key": "a", "kind": "text", "title": {"en": "A"}}],
    }
    assert isinstance(read_form(json.dumps(body)), Form)


def test_the_published_schema_is_one_and_says_what_everything_is() -> None:
    published = schema.schema()
    Draft202012Validator.check_schema(published)
    undescribed = [
        f"{name}.{field}"
        for name, each in {"form": published, **published["$defs"]}.items()
        for field, shape in each.get("properties", {}).items()
        if name in ("question", "notice", "group")
        and "description" not in shape
        and field not in ("kind", "least", "most", "text", "questions")
    ]
    assert undescribed == []
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_command_says_what_is_wrong_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text_of(A))
    bad.write_text(dedent(text_of("- {key: a, kind: text, title: {en: A}, when: {question: b, is: x}}")))
    assert check.main([str(good)]) == 0
    assert capsys.readouterr().out == ""
    assert check.main([str(good), str(bad), str(tmp_path / "none.yaml")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{bad}: Line 7, step 1 (a), when: There is no question “b”."
    assert "none.yaml: cannot be read" in lines[1]
    assert check.main([]) == 2
