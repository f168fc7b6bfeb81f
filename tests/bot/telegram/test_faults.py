"""What the Bot API's refusals ask for."""

from __future__ import annotations

import json

import pytest

from bot.channels.telegram.faults import answered


@pytest.mark.parametrize(
    ("asked", "granted"), [(3, 3), (0, 0), (10**12, 86_400), (float("nan"), None), (float("inf"), 86_400), (-1, None)]
)
def test_a_pause_is_as_long_as_asked_for_within_reason(asked: float, granted: float | None) -> None:
    refusal = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": asked}}
    assert answered(429, json.dumps(refusal).encode()).after == granted


def test_a_pause_may_stand_in_the_words_alone() -> None:
    refusal = {"ok": False, "description": "Too Many Requests: retry after 7"}
    assert answered(429, json.dumps(refusal).encode()).after == 7
