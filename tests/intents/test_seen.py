"""What was seen before is spared, and nobody can tell from the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.libraries import ask_libraries
from intents.seen import Seen, see_questions
from intents.tables import Tables
from intents.views import Views
from knowledge import Knowledge
from knowledge.model import Concept, Language

TABLES = ask_libraries()
LETTERS = "开店摆摊a按"
WORDS = st.text(LETTERS, max_size=3)
COURTESIES = st.lists(WORDS, max_size=2).map(tuple)
LANGUAGES = st.builds(
    Language,
    st.dictionaries(WORDS, WORDS, max_size=4),
    st.lists(st.builds(Concept, st.sampled_from(["one", "two"]), st.lists(WORDS, max_size=3).map(tuple))).map(tuple),
    st.just(()),
    COURTESIES,
    COURTESIES,
)
QUESTIONS = st.lists(st.text(LETTERS, max_size=8), min_size=1, max_size=6)


def asking(tiny: Knowledge, questions: Sequence[str], language: Language) -> Knowledge:
    """Return knowledge with only these questions and words."""
    entry = replace(tiny.policies[0], questions=tuple(questions))
    none = {"signposts": (), "safety": (), "actions": (), "outside": (), "held_out": ()}
    return replace(tiny, policies=(entry,), language=language, **none)


def same(one: Seen, other: Seen) -> bool:
    arrays, others = one.arrays(), other.arrays()
    return all(arrays[name].tolist() == others[name].tolist() for name in arrays | others)


@given(QUESTIONS, QUESTIONS, LANGUAGES, LANGUAGES)
def test_what_is_known_changes_nothing(
    tiny: Knowledge, before: list[str], now: list[str], words_before: Language, words_now: Language
) -> None:
    known = see_questions(asking(tiny, before, words_before), TABLES)
    fresh = asking(tiny, [*now, *before[:3]], words_now)
    assert same(see_questions(fresh, TABLES, known), see_questions(fresh, TABLES))


def test_only_what_a_change_touches_is_looked_at_again(tiny: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    known = see_questions(tiny, TABLES)
    looked_at: list[str] = []
    see = Views.see
    monkeypatch.setattr(Views, "see", lambda views, text: looked_at.append(text) or see(views, text))
    policy = replace(tiny.policies[0], questions=(*tiny.policies[0].questions, "赶场天可不可以少交点"))
    see_questions(replace(tiny, policies=(policy, *tiny.policies[1:])), TABLES, known)
    assert looked_at == ["赶场天可不可以少交点"]
    looked_at.clear()
    language = replace(tiny.language, replace={**tiny.language.replace, "减免": "少交"})
    see_questions(replace(tiny, language=language), TABLES, known)
    assert looked_at == [text for text in known.texts if "减免" in text] != []


def test_through_other_tables_everything_is_looked_at_again(tiny: Knowledge) -> None:
    other = Tables({}, {"摊": "tan"})
    assert same(see_questions(tiny, other, see_questions(tiny, TABLES)), see_questions(tiny, other))


def test_it_survives_being_kept(tiny: Knowledge) -> None:
    seen = see_questions(tiny, TABLES)
    again = Seen.from_arrays(TABLES, seen.arrays())
    assert same(seen, again)
    assert (again.texts, again.meanings) == (seen.texts, seen.meanings)
