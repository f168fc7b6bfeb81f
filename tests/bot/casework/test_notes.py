"""Which notes of a case hold, and which words do not any more."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.casework.case import CONTACT, Event
from bot.casework.notes import overtaken, standing, words_of

AT, LATER = datetime(2025, 6, 3, 1, 0, tzinfo=UTC), datetime(2025, 6, 9, 1, 0, tzinfo=UTC)
FIRST = Event(1, "note", 7, {"text": "没打通"}, AT)
SECOND = Event(2, "note", 8, {"text": "打通了", CONTACT: "yes"}, AT)
CORRECTED = Event(3, "note-corrected", 8, {"note": "1", "text": "打通了，没说完", CONTACT: "yes"}, LATER)
AGAIN = Event(4, "note-corrected", 7, {"note": "1", "text": "打通了", CONTACT: "no"}, LATER)
WITHDRAWN = Event(5, "note-withdrawn", 8, {"note": "1", "why": "mistaken"}, LATER)


def said(*events: Event) -> list[tuple[str, bool]]:
    return [(note.text, note.contact) for note in standing(events)]


def test_notes_hold_as_they_were_written() -> None:
    assert said(FIRST, SECOND) == [("没打通", False), ("打通了", True)]


def test_the_last_correction_holds_with_the_day_and_the_author_of_the_note() -> None:
    note, _ = standing((FIRST, SECOND, CORRECTED, AGAIN))
    assert (note.text, note.contact, note.at, note.staff, note.corrected) == ("打通了", False, AT, 7, AGAIN)


def test_a_note_withdrawn_does_not_hold() -> None:
    assert said(FIRST, SECOND, CORRECTED, WITHDRAWN) == [("打通了", True)]


def test_the_order_in_which_events_are_given_does_not_matter() -> None:
    assert standing((AGAIN, CORRECTED, FIRST)) == standing((FIRST, CORRECTED, AGAIN))


def test_words_that_were_replaced_say_by_what() -> None:
    assert overtaken((FIRST, SECOND)) == {}
    assert overtaken((FIRST, CORRECTED, AGAIN)) == {1: "note-corrected", 3: "note-corrected"}
    assert overtaken((FIRST, CORRECTED, WITHDRAWN)) == {1: "note-withdrawn", 3: "note-withdrawn"}


def test_the_words_of_a_note_stand_where_it_was_written_and_corrected() -> None:
    assert words_of(1, (FIRST, SECOND, CORRECTED, WITHDRAWN)) == [1, 3]
    assert words_of(9, (FIRST, SECOND)) == []


def test_a_correction_of_what_cannot_be_read_any_more_is_of_no_note() -> None:
    lost = Event(6, "note-corrected", 8, {}, LATER)
    assert said(FIRST, lost) == [("没打通", False)]
    assert overtaken((FIRST, lost)) == {}
