"""What people asked about, counted."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from bot.store import Store
from bot.store.asked import AskedFigures, Outcome, TopicAsked, asked_figures, count_asked
from bot.store.figures import Period

NOON = datetime.fromisoformat("2025-06-20T12:00:00+08:00")
SMALL_HOURS = datetime.fromisoformat("2025-06-20T00:30:00+08:00")  # still the day before in UTC
DAY_BEFORE = datetime.fromisoformat("2025-06-19T12:00:00+08:00")


async def ask(store: Store, now: datetime, *asked: tuple[Outcome, str]) -> None:
    async with store.transaction() as transaction:
        await count_asked(transaction.tallies, asked, now)


async def count_up(store: Store, period: Period = Period()) -> AskedFigures:  # noqa: B008
    async with store.reading() as connection:
        return await asked_figures(connection, period)


async def test_where_nothing_was_asked_all_is_nought(store: Store) -> None:
    found = await count_up(store)
    assert found.topics == ()
    assert set(found.outcomes.values()) == {0}


async def test_topics_asked_about_most_come_first(store: Store) -> None:
    await ask(store, NOON, ("answered", "stall-rent"), ("answered", "signpost:bus"), ("unhelpful", "stall-rent"))
    await ask(store, DAY_BEFORE, ("answered", "signpost:bus"))
    found = await count_up(store)
    assert found.topics == (TopicAsked("signpost:bus", 2, 0), TopicAsked("stall-rent", 1, 1))
    assert found.outcomes == Counter(answered=3, unhelpful=1)


async def test_questions_without_an_answer_are_counted_without_a_topic(store: Store) -> None:
    await ask(store, NOON, ("unanswered", ""), ("unanswered", ""), ("uncertain", ""), ("unhelpful", ""))
    found = await count_up(store)
    assert found.topics == ()
    assert found.outcomes == Counter(unanswered=2, uncertain=1, unhelpful=1)


async def test_the_days_are_those_of_china(store: Store) -> None:
    await ask(store, SMALL_HOURS, ("answered", "stall-rent"))
    await ask(store, DAY_BEFORE, ("answered", "stall-rent"))
    today, yesterday = date(2025, 6, 20), date(2025, 6, 19)
    assert (await count_up(store, Period(today))).outcomes["answered"] == 1
    assert (await count_up(store, Period(None, yesterday))).outcomes["answered"] == 1
    assert (await count_up(store, Period(yesterday, today))).outcomes["answered"] == 2


async def test_other_counts_are_left_alone(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.tallies.add("registration-deleted", NOON)
    assert set((await count_up(store)).outcomes.values()) == {0}
