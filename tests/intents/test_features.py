"""Features are the same everywhere, and every one can be shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intents.features import features, surfaces

SOUNDS = st.lists(st.text("abcdefg", max_size=4), max_size=8)
CONCEPTS = st.lists(st.sampled_from(["blind", "shop", "rent"]), unique=True)


def test_hashes_are_the_same_on_every_machine() -> None:
    assert features("烟", ["yan"], []).hashes.tolist() == [
        2040742975176803261,
        8143137777494812327,
        8520437835497129654,
        9585125338440703989,
        10486186898234332901,
        10565261248406490008,
    ]


@given(st.text(max_size=30), SOUNDS, CONCEPTS)
def test_every_feature_has_a_surface(text: str, sounds: list[str], concepts: list[str]) -> None:
    text = text.encode("utf-8", "ignore").decode()
    shown = {code for _, code in surfaces(text, sounds, sorted(concepts))}
    assert set(features(text, sounds, sorted(concepts)).hashes.tolist()) == shown


def test_a_surface_is_what_was_hashed() -> None:
    of_one = {code: piece for piece, code in surfaces("烟", [], [])}
    assert {piece: of_one.get(code) for piece, code in surfaces("买烟", [], [])}["烟"] == "烟"


def test_an_empty_text_has_only_its_ends() -> None:
    assert {piece for piece, _ in surfaces("", [], [])} == {"^$", "^ $"}
