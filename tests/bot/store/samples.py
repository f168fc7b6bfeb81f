"""What the tests of the store put in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.casework.case import Case
from bot.conversation.message import Reply
from bot.conversation.registration import Answer, Consent, Registration
from bot.conversation.state import Draft, OpenList, Option, State
from bot.store import Arrival, Parcel, Store
from bot.store.cases import Cases
from bot.store.tables import staff

NOW = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
CHAT, OTHER = "telegram:1001", "telegram:1002"
PHONE = "13800138000"
RECEIPT = "123456785"


def after(**duration: float) -> datetime:
    return NOW + timedelta(**duration)


def arrival(update_id: int, chat: str = CHAT, body: str = "{}", due: datetime = NOW) -> Arrival:
    return Arrival("telegram", update_id, chat, body, NOW, due)


def parcel(text: str, chat: str = CHAT) -> Parcel:
    return Parcel(chat, Reply(text), {"message": 7})


def consent(kind: str = "registration", *, agreed: bool = True, at: datetime = NOW) -> Consent:
    return Consent(kind, "2025-01", agreed, at)


def registration(
    receipt: str = RECEIPT,
    answers: Mapping[str, Answer] | None = None,
    consents: Iterable[Consent] | None = None,
    updated: datetime = NOW,
) -> Registration:
    given: dict[str, Answer] = {
        "whom": "self",
        "name": "周桂芳",
        "phone": PHONE,
        "town": "baisha",
        "wanted": ("massage",),
    }
    return Registration(
        receipt, {**given, **(answers or {})}, tuple(consents or (consent(), consent("category"))), NOW, updated
    )


def talking(**changes: object) -> State:
    """A state that has something in every place."""
    state = State(
        easy=True,
        open=OpenList("a1", (Option("摆摊", "entry stall-rent"),)),
        topic="stall-rent",
        question="摆摊要钱不",
        draft=Draft(
            "jobseeker", NOW, {"name": "李大明", "wanted": ("home", "massage")}, ("help",), (consent(),), "phone"
        ),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


async def load(store: Store, chat: str = CHAT) -> State:
    async with store.transaction() as transaction:
        return (await transaction.people.load([chat]))[chat]


async def save(store: Store, after_: State, chat: str = CHAT, now: datetime = NOW) -> None:
    async with store.transaction() as transaction:
        before = (await transaction.people.load([chat]))[chat]
        await transaction.people.save(chat, before, after_, now)


async def register(store: Store, *left: Registration, chat: str = CHAT, now: datetime = NOW) -> None:
    """Let these be the registrations of the chat."""
    await save(store, State(registrations=left), chat, now)


async def add(store: Store, *arrivals: Arrival) -> int:
    async with store.transaction() as transaction:
        return await transaction.inbox.add(arrivals)


async def post(store: Store, *parcels: Parcel, now: datetime = NOW) -> None:
    async with store.transaction() as transaction:
        await transaction.outbox.add(parcels, now)


async def clerk(store: Store, login: str = "clerk") -> int:
    """Add an account and return its id."""
    row = {
        "login": login, "name": store.keys.encrypt("经办人甲"), "role": "clerk",
        "towns": ["baisha", "油溪镇"], "teaches": False, "digest_on": False, "created": NOW,
    }  # fmt: skip
    async with store.transaction() as transaction:
        return (await transaction.scope.run(staff.insert().values(row).returning(staff.c.id))).scalar_one()


async def case_of(store: Store, receipt: str = RECEIPT) -> Case:
    async with store.transaction() as transaction:
        found = await transaction.cases.load(receipt)
    assert found is not None
    return found


Change = Callable[[Cases], Awaitable[object]]


async def work(store: Store, change: Change) -> None:
    """Do ``change`` in a transaction of its own."""
    async with store.transaction() as transaction:
        await change(transaction.cases)
