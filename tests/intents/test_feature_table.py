"""Many texts together have the features of each alone, however the table came about."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from intents.feature_table import FeatureTable
from intents.features import features, surfaces

Text = tuple[str, list[str], list[str]]
TEXTS = st.lists(
    st.tuples(
        st.text("烟草证买", max_size=6),
        st.lists(st.text("abcdefg", max_size=4), max_size=8),
        st.lists(st.sampled_from(["blind", "shop", "rent"]), unique=True),
    ),
    max_size=5,
)


def contents(table: FeatureTable) -> list[tuple[list[int], list[int]]]:
    spans = [slice(begin, end) for begin, end in zip(table.bounds, table.bounds[1:], strict=False)]
    return [(table.hashes[table.places[span]].tolist(), table.kinds[span].tolist()) for span in spans]


def alone(texts: list[Text]) -> list[tuple[list[int], list[int]]]:
    return [(one.hashes.tolist(), one.kinds.tolist()) for one in (features(*text) for text in texts)]


@given(TEXTS)
def test_each_text_has_the_features_that_it_has_alone(texts: list[Text]) -> None:
    assert contents(FeatureTable.of(texts)) == alone(texts)


@given(TEXTS, TEXTS, st.data())
def test_how_a_table_was_put_together_does_not_show(first: list[Text], more: list[Text], data: st.DataObject) -> None:
    texts = [*first, *more]
    chosen = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=6)) if texts else []
    taken = FeatureTable.of(first).followed_by(FeatureTable.of(more)).take(np.array(chosen, np.int64))
    made = FeatureTable.of([texts[number] for number in chosen])
    assert contents(taken) == contents(made)
    assert taken.hashes.tolist() == made.hashes.tolist()


def test_a_feature_counts_once_for_each_text_that_holds_it() -> None:
    table = FeatureTable.of([("烟烟", [], []), ("烟", [], []), ("草", [], [])])
    hash_of = dict(surfaces("烟烟", [], []))
    counts = dict(zip(table.hashes.tolist(), table.counts().tolist(), strict=True))
    assert (counts[hash_of["烟"]], counts[hash_of["烟烟"]]) == (2, 1)
