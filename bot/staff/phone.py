"""The staff on the phone: /staff in a linked chat.

Receipt numbers, towns, wanted work and days, but no names and no telephone numbers, and nothing in a group. What is
offered can only be chosen while the chat is linked: every message looks anew.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Literal

from bot.casework.account import Account
from bot.casework.case import OPEN, Case, Step, missing
from bot.casework.contact import waiting_days
from bot.casework.filters import NOBODY, QueueFilter, of_the_day
from bot.casework.wording import label
from bot.clock import day_of
from bot.conversation import lists
from bot.conversation.forms import Form
from bot.conversation.message import Message, Reply
from bot.conversation.receipts import shown
from bot.conversation.registration import Answer
from bot.conversation.state import Option, State
from bot.conversation.summary import answer_in_words
from bot.conversation.turn import Turn
from bot.staff.wording import say
from bot.store import CaseChanged, NoSuchCase, Transaction, case_list
from bot.store.case_list import CasePage
from bot.store.case_query import CaseRow, Query

Shown = list[str | Option]
Whose = Literal["me", "other", "none"]

_COMMAND = re.compile(r"\s*/staff(?:@\w+)?(?:\s+(?P<rest>.*?))?\s*", re.DOTALL | re.IGNORECASE)
_ACT = "staff"
_SHOWN_CASES = 8
_RECEIPT_DIGITS = 9
_NUMBER = re.compile(r"[\d\s-]+")


@dataclass(frozen=True)
class Numbers:
    """How many cases within an account's towns are what; ``mine``: of those that are still open."""

    uncontacted: int
    new: int
    overdue: int
    due_today: int
    unanswered: int
    mine: int

    def __bool__(self) -> bool:
        return any(vars(self).values())


def _chosen(message: Message, state: State) -> str | None:
    """Return the act of the line of our list that the message chooses."""
    if state.open is None or not all(option.act.split()[0] == _ACT for option in state.open.options):
        return None
    if message.button is not None:
        option = lists.pressed(message.button, state.open)
    else:
        named = lists.number_or_words(message.text, state.open)
        option = named if isinstance(named, Option) else None
    return option.act if option else None


class Phone:
    """Answers the staff.

    ``form`` is that of the registrations; ``contact_days``: within how many days somebody should be in touch;
    ``morning``: when the numbers of the day are sent, such as 08:30.
    """

    def __init__(self, form: Form, contact_days: int, morning: str) -> None:
        self._form = form
        self._contact_days = contact_days
        self._morning = morning

    def concerns(self, message: Message, state: State) -> bool:
        """Whether ``message`` is for this: the command, or a choice from a list of ours."""
        return _COMMAND.fullmatch(message.text) is not None or _chosen(message, state) is not None

    async def answer(self, transaction: Transaction, chat: str, message: Message, state: State) -> Turn:
        """Return the replies to a message that this is for (:meth:`concerns`), and the state after it."""
        if message.public:
            return [Reply(say("phone.not_in_public"))], state
        account = await transaction.staff.by_chat(chat)
        act = _chosen(message, state)
        state = replace(state, open=None)
        if act is None:
            found = _COMMAND.fullmatch(message.text)
            return await self._command(transaction, chat, message, state, account, (found and found["rest"]) or "")
        if account is None:
            return [Reply(say("phone.not_linked"))], state
        return await self._act(_Visit(transaction, message, account), state, act.split()[1:])

    async def numbers(self, transaction: Transaction, account: Account, now: datetime) -> Numbers:
        """Return the numbers of the day of ``account``."""

        async def count(chosen: QueueFilter) -> int:
            return await case_list.count(transaction.scope.connection, self._query(transaction, account, chosen, now))

        return Numbers(**{name: await count(chosen) for name, chosen in of_the_day(account.id).items()})

    # -- what was asked

    async def _command(
        self, transaction: Transaction, chat: str, message: Message, state: State, account: Account | None, rest: str
    ) -> Turn:
        if account is None or not account.sees_persons:
            return [await self._link(transaction, chat, message, rest)], state
        visit = _Visit(transaction, message, account)
        digits = re.sub(r"\D", "", rest)
        if len(digits) == _RECEIPT_DIGITS:
            return await self._case(visit, state, digits)
        if _NUMBER.fullmatch(rest):
            return [Reply(say("phone.no_receipt", digits=_RECEIPT_DIGITS))], state
        return await self._today(visit, state)

    async def _link(self, transaction: Transaction, chat: str, message: Message, code: str) -> Reply:
        """Link the chat by its one-time code; who guesses has to wait."""
        already = await transaction.staff.by_chat(chat)
        if already is not None:
            return Reply(say("phone.no_persons"))
        if not code:
            return Reply(say("phone.not_linked"))
        guesser = f"link:{chat}"
        until = (await transaction.sessions.failures(guesser, message.at)).wait_until()
        if until is not None and until > message.at:
            minutes = -(-int((until - message.at).total_seconds()) // 60)
            return Reply(say("phone.too_often", minutes=minutes))
        account = await transaction.staff.link(code, chat, message.at)
        if account is None:
            await transaction.sessions.failed(guesser, message.at)
            await transaction.audit.note("nobody", "link-refused", "telegram", message.at)
            return Reply(say("phone.bad_code"))
        await transaction.sessions.succeeded(guesser)
        await transaction.audit.note(f"staff:{account.id}", "linked", "telegram", message.at)
        return Reply(say("phone.linked"))

    async def _act(self, visit: _Visit, state: State, act: list[str]) -> Turn:
        verb, rest = act[0], act[1:]
        by_verb: dict[str, Callable[..., Awaitable[Turn]]] = {
            "today": self._today,
            "case": self._case,
            "step": self._step,
            "finish": self._finish,
            "assign": self._assign,
            "digest": self._digest,
            "unlink": self._unlink,
            "unlink-sure": self._unlink_surely,
        }
        return await by_verb[verb](visit, state, *rest)

    async def _today(self, visit: _Visit, state: State) -> Turn:
        """The numbers of the day and the first of the person's own queue, or of what nobody works on yet."""
        account, now = visit.account, visit.message.at
        if not account.sees_persons:
            return [Reply(say("phone.no_persons"))], state
        found = await self._cases(visit, counselor=account.id)
        if not found.total:
            found = await self._cases(visit, counselor=NOBODY)
        numbers = await self.numbers(visit.transaction, account, now)
        lines: Shown = [say("phone.today", day=_day(now)), say("phone.numbers", **vars(numbers))]
        if found.rows:
            lines += [
                say("phone.queue"),
                *(Option(self._line(row, now), f"staff case {row.receipt}") for row in found.rows),
            ]
            left = found.total - len(found.rows)
            lines += [say("phone.more", left=left)] if left else []
        else:
            lines.append(say("phone.queue_empty"))
        digest = ("digest_off", "off") if account.digest_on else ("digest_on", "on")
        lines += [
            say("phone.by_number"),
            Option(say(f"phone.{digest[0]}"), f"staff digest {digest[1]}"),
            Option(say("phone.unlink"), "staff unlink"),
        ]
        return visit.offer(state, lines)

    async def _case(self, visit: _Visit, state: State, receipt: str, notice: str = "") -> Turn:
        case = await visit.transaction.cases.load(receipt)
        account, now = visit.account, visit.message.at
        if case is None or not account.may_see(case.town):
            if case is not None:
                await visit.transaction.audit.add_case(visit.who, "refused", receipt, now)
            return [Reply(say("phone.gone"))], state
        await visit.transaction.audit.add_case(visit.who, "looked-on-phone", receipt, now)
        back = Option(say("phone.back"), "staff today")
        told = self._told(case, await _whose(visit, case), now)
        return visit.offer(state, [notice, *told, *self._choices(case, account), back])

    async def _step(self, visit: _Visit, state: State, receipt: str, version: str, step: str) -> Turn:
        now, done = visit.message.at, Step(step)

        async def change() -> None:
            await visit.transaction.cases.do_step(
                receipt, int(version), visit.account.id, now, done, on=day_of(now), result=""
            )

        noted = say("phone.noted_step", step=label("step", done), on=_day(now))
        return await self._change(visit, state, receipt, change, "step", noted)

    async def _finish(self, visit: _Visit, state: State, receipt: str, version: str, id: str) -> Turn:
        now = visit.message.at

        async def change() -> None:
            await visit.transaction.cases.finish_follow_up(
                receipt, int(version), visit.account.id, now, int(id), on=day_of(now), contact=True
            )

        return await self._change(visit, state, receipt, change, "follow-up-done", say("phone.noted_follow_up"))

    async def _assign(self, visit: _Visit, state: State, receipt: str, version: str) -> Turn:
        me = visit.account.id

        async def change() -> None:
            await visit.transaction.cases.assign(receipt, int(version), me, visit.message.at, me)

        return await self._change(visit, state, receipt, change, "counselor", say("phone.noted_assigned"))

    async def _change(
        self,
        visit: _Visit,
        state: State,
        receipt: str,
        change: Callable[[], Awaitable[None]],
        what: str,
        noted: str,
    ) -> Turn:
        """Make a change that somebody may have been faster with, and show the case as it is then."""
        case = await visit.transaction.cases.load(receipt)
        if case is not None and visit.account.may_see(case.town):
            # Before the case is held: who changes a registration takes this first, and others in this transaction may.
            await visit.transaction.people.lock_registrations()
            try:
                await change()
            except (CaseChanged, ValueError):
                noted = say("phone.changed")
            except NoSuchCase:
                return [Reply(say("phone.gone"))], state
            else:
                await visit.transaction.audit.add_case(visit.who, what, receipt, visit.message.at)
        return await self._case(visit, state, receipt, noted)

    async def _digest(self, visit: _Visit, state: State, on: str) -> Turn:
        at = time.fromisoformat(self._morning)
        await visit.transaction.staff.set_digest(visit.account.id, on == "on", visit.message.at, at)
        said = say("phone.digest_is_on", time=self._morning) if on == "on" else say("phone.digest_is_off")
        return [Reply(said)], state

    async def _unlink(self, visit: _Visit, state: State) -> Turn:
        options = [Option(say("phone.unlink_yes"), "staff unlink-sure"), Option(say("phone.back"), "staff today")]
        return visit.offer(state, [say("phone.unlink_sure"), *options])

    async def _unlink_surely(self, visit: _Visit, state: State) -> Turn:
        await visit.transaction.staff.unlink(visit.account.id)
        await visit.transaction.audit.note(visit.who, "unlinked", "telegram", visit.message.at)
        return [Reply(say("phone.unlinked"))], state

    # -- how it is said

    async def _cases(self, visit: _Visit, counselor: int) -> CasePage:
        """The first open cases that ``counselor`` works on, :data:`NOBODY` for those that somebody has to take over."""
        chosen = QueueFilter(status=OPEN, counselor=counselor)
        query = self._query(visit.transaction, visit.account, chosen, visit.message.at)
        return await case_list.page(visit.transaction.scope.connection, query, _SHOWN_CASES)

    def _query(self, transaction: Transaction, account: Account, chosen: QueueFilter, now: datetime) -> Query:
        return Query(transaction.scope.keys, account.scope, chosen, now, self._contact_days)

    def _line(self, row: CaseRow, now: datetime) -> str:
        marks = say("phone.mark_late") if row.overdue else ""
        marks += say("phone.mark_unanswered") if row.unanswered else ""
        return say(
            "phone.line",
            receipt=shown(row.receipt),
            town=row.town or say("phone.no_town"),
            wanted=self._wanted(row.answers.get("wanted", ())),
            waiting=_waiting(waiting_days(row.status, row.first_contact, row.created, now)),
            marks=marks,
        )

    def _told(self, case: Case, whose: Whose, now: datetime) -> list[str]:
        done = [say("phone.step_on", step=label("step", each.step), on=each.on.isoformat()) for each in case.steps]
        due = [each.due.isoformat() for each in case.follow_ups if each.done is None]
        unread = any(each.staff is None and each.seen is None for each in case.messages)
        return [
            say(
                "phone.case",
                receipt=shown(case.receipt),
                town=case.town or say("phone.no_town"),
                status=label("status", case.status),
                waiting=_waiting(waiting_days(case.status, case.first_contact, case.registration.created, now)),
                wanted=self._wanted(case.registration.answers.get("wanted", ())),
            ),
            say(f"phone.counselor_{whose}"),
            say("phone.steps_done", steps="、".join(done)) if done else say("phone.steps_none"),
            say("phone.follow_ups", days="、".join(due)) if due else "",
            say("phone.reply_waiting") if unread else "",
        ]

    @staticmethod
    def _choices(case: Case, account: Account) -> list[Option]:
        of = f"{case.receipt} {case.version}"
        options = [
            Option(say("phone.do_step", step=label("step", step)), f"staff step {of} {step}")
            for step in missing(case.steps)
        ]
        options += [
            Option(say("phone.finish", due=each.due.isoformat()), f"staff finish {of} {each.id}")
            for each in case.follow_ups
            if each.done is None
        ]
        if case.counselor != account.id:
            options.append(Option(say("phone.assign"), f"staff assign {of}"))
        return options

    def _wanted(self, answer: Answer) -> str:
        step = self._form.step("wanted")
        return answer_in_words(step, answer) if step else ""


@dataclass(frozen=True)
class _Visit:
    """One message of a member of the staff."""

    transaction: Transaction
    message: Message
    account: Account

    @property
    def who(self) -> str:
        return f"staff:{self.account.id}"

    def offer(self, state: State, lines: Shown) -> Turn:
        return lists.offer(self.message, state, lines)


async def _whose(visit: _Visit, case: Case) -> Whose:
    """Return who works on the case: none too where whoever did cannot any more."""
    if case.counselor == visit.account.id:
        return "me"
    counselor = await visit.transaction.staff.by_id(case.counselor) if case.counselor else None
    return "other" if counselor is not None and counselor.may_work_on(case.town) else "none"


def _waiting(days: int | None) -> str:
    return "" if days is None else say("phone.waiting", days=days)


def _day(now: datetime) -> str:
    return day_of(now).isoformat()
