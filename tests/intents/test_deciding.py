"""From probabilities to what is done."""

from __future__ import annotations

from intents.deciding import A_WORD, decide, join
from intents.reading import Candidate, Reading


def reading(*ranked: tuple[str, float]) -> Reading:
    return decide([Candidate(key, probability) for key, probability in ranked])


def test_a_sure_policy_is_the_answer() -> None:
    decided = reading(("tobacco-license", 0.9), ("signpost:tobacco-rules", 0.05))
    assert (decided.kind, decided.topic, decided.score) == ("answer", "tobacco-license", 0.9)


def test_a_sure_signpost_and_a_sure_action_are_told_apart_from_policies() -> None:
    assert reading(("signpost:sports", 0.9)).kind == "signpost"
    acting = reading(("action:register", 0.9))
    assert (acting.kind, acting.action, acting.topic) == ("action", "register", None)


def test_two_to_four_probable_entries_are_offered_when_none_is_sure() -> None:
    decided = reading(("a", 0.3), ("b", 0.2), ("action:human", 0.15), ("signpost:c", 0.12), ("d", 0.11))
    assert decided.kind == "choices"
    assert decided.choices == ("a", "b", "action:human", "signpost:c")


def test_what_is_hardly_probable_is_not_offered() -> None:
    assert reading(("a", 0.4), ("b", 0.3), ("c", 0.01)).choices == ("a", "b")


def test_when_nothing_is_probable_nothing_is_said() -> None:
    assert reading(("a", 0.04), ("b", 0.03)).kind == "none"
    assert reading().kind == "none"


def test_what_lies_outside_is_neither_answered_nor_offered_nor_shown() -> None:
    decided = reading(("outside:chat", 0.8), ("a", 0.1), ("b", 0.09))
    assert decided.kind == "none"
    assert [candidate.key for candidate in decided.candidates] == ["a", "b"]
    assert decided.score == 0.1


def test_distress_wins_when_its_entries_together_are_probable() -> None:
    decided = reading(("a", 0.4), ("safety:scam", 0.3), ("safety:despair", 0.25))
    assert (decided.kind, decided.topic) == ("safety", "safety:scam")
    assert decided.candidates[0].key == "safety:scam"


def test_distress_that_is_less_probable_than_something_else_is_asked_about() -> None:
    decided = reading(("signpost:b", 0.5), ("safety:despair", 0.45))
    assert (decided.kind, decided.choices) == ("choices", ("signpost:b", "safety:despair"))
    assert reading(("safety:despair", 0.3), ("b", 0.29), ("safety:scam", 0.1)).topic == "safety:despair"


def test_possible_distress_is_one_of_the_choices() -> None:
    assert reading(("a", 0.3), ("safety:scam", 0.29), ("b", 0.28)).choices == ("a", "safety:scam", "b")


def test_hardly_possible_distress_is_not_hinted_at() -> None:
    assert reading(("a", 0.3), ("b", 0.28), ("safety:despair", 0.15)).choices == ("a", "b")
    word = [Candidate("a", 0.3), Candidate("safety:despair", 0.3), Candidate("b", 0.2)]
    assert decide(word, A_WORD).choices == ("a", "b")


def test_possible_distress_is_not_met_with_silence() -> None:
    for rival in (("outside:family", 0.7), ("a", 0.05)):
        decided = reading(*sorted([("safety:confinement", 0.28), rival], key=lambda one: -one[1]))
        assert (decided.kind, decided.choices) == ("choices", ("safety:confinement", "action:human"))


def test_courtesies_are_never_offered() -> None:
    assert reading(("action:greeting", 0.3), ("a", 0.29), ("action:thanks", 0.2), ("b", 0.1)).choices == ("a", "b")


def test_at_most_five_candidates_are_shown() -> None:
    assert len(reading(*((f"p{number}", 0.1) for number in range(9))).candidates) == 5


def test_two_questions_with_different_answers_are_both_offered() -> None:
    whole = reading(("a", 0.9))
    joined = join(whole, [reading(("a", 0.9)), reading(("b", 0.8))])
    assert (joined.kind, joined.choices) == ("choices", ("a", "b"))


def test_two_parts_with_one_answer_leave_the_whole_as_it_is() -> None:
    whole = reading(("a", 0.9))
    assert join(whole, [reading(("a", 0.9)), reading(("a", 0.8))]) == whole
    assert join(whole, [reading(("a", 0.9)), reading(("b", 0.3))]) == whole
    assert join(whole, []) == whole


def test_a_signpost_beside_a_policy_is_offered_too() -> None:
    joined = join(reading(("signpost:loan", 0.9)), [reading(("a", 0.9)), reading(("signpost:loan", 0.8))])
    assert joined.choices == ("a", "signpost:loan")


def test_distress_in_a_part_wins() -> None:
    alarmed = reading(("safety:despair", 0.9))
    assert join(reading(("a", 0.9)), [reading(("b", 0.9)), alarmed]) == alarmed


def test_distress_in_a_message_is_never_joined_away() -> None:
    whole = reading(("safety:despair", 0.9))
    assert join(whole, [reading(("a", 0.9)), reading(("b", 0.8))]) == whole


def test_a_single_word_is_answered_only_when_it_leaves_nothing_open() -> None:
    offered = decide([Candidate("signpost:vending", 0.85), Candidate("stalls", 0.1)], A_WORD)
    assert offered.choices == ("signpost:vending", "stalls")
    assert decide([Candidate("stalls", 0.96), Candidate("b", 0.02)], A_WORD).kind == "answer"
