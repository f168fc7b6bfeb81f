from __future__ import annotations

import pytest

from bot.channels.telegram.backoff import Backoff, patiently
from bot.channels.telegram.faults import Fault, TokenRefused


def test_the_wait_doubles_up_to_a_limit() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    assert [backoff.next() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_part_of_the_wait_is_left_to_chance() -> None:
    assert Backoff(chance=lambda: 0.0).next() == 0.375


def test_it_never_waits_shorter_than_asked() -> None:
    assert Backoff().next(at_least=7) == 7


def test_it_begins_anew_once_it_works() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    backoff.next()
    backoff.reset()
    assert backoff.next() == 0.5


def test_a_thousand_failures_are_no_fault() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    assert [backoff.next() for _ in range(2000)][-1] == 30


class Calls:
    """Fails so often, then answers."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = list(faults)
        self.slept: list[float] = []

    async def call(self) -> str:
        if self.faults:
            raise self.faults.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_a_call_is_repeated_until_it_works() -> None:
    calls = Calls(Fault("ConnectError"), Fault("502", status=502), Fault("429", status=429, own=True, after=9))
    assert await patiently("getMe", calls.call, sleep=calls.sleep) == "done"
    assert len(calls.slept) == 3
    assert calls.slept[2] == 9


@pytest.mark.parametrize("status", [401, 404])
async def test_a_refused_token_is_said_clearly(status: int) -> None:
    calls = Calls(Fault("Unauthorized", status=status, own=True))
    with pytest.raises(TokenRefused, match=r"telegram\.token"):
        await patiently("getMe", calls.call, sleep=calls.sleep)


async def test_a_page_in_between_is_no_refused_token() -> None:
    calls = Calls(Fault("HTTP 404", status=404))
    assert await patiently("getMe", calls.call, sleep=calls.sleep) == "done"


async def test_a_refused_call_is_not_repeated() -> None:
    calls = Calls(Fault("bad webhook", status=400, own=True))
    with pytest.raises(Fault, match="bad webhook"):
        await patiently("setWebhook", calls.call, sleep=calls.sleep)
