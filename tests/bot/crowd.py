"""People who talk to the running program, and beside each the pure assistant, which knows what they should hear.

Every message is put to the pure assistant as well. Two neighbouring replies of a person are never alike, so a
reply that is missing, out of place or given twice shows: what was heard, with repeats of one and the same message
left out, has to be what the pure assistant says, message for message. Receipt numbers differ (they are random): they
are taken to mean the same where they stand at the same place, and have to go on doing so.
"""

from __future__ import annotations

import random
import re
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bot import clock
from bot.channels.telegram.commands import in_words
from bot.conversation.assistant import Assistant
from bot.conversation.message import Message, Reply
from bot.conversation.registration import Registration
from bot.conversation.state import State
from bot.conversation.wording import wording
from bot.store import Store
from tests.standin import BotApi
from tests.standin import Person as OnThePhone
from tests.standin.chats import Sent

RECEIPT = re.compile(r"\d{4}-\d{4}-\d")
_DAY_OR_MINUTE = re.compile(r"\d+月\d+日|\d{4}-\d\d-\d\d \d\d:\d\d")


def _saying(phrase: str) -> re.Pattern[str]:
    """Return what finds the receipt number in a reply with this phrase."""
    before, _, _ = wording()[phrase].partition("{receipt}")
    words = ".*".join(re.escape(part) for part in re.split(r"{\w+}", before))
    return re.compile(words + f"({RECEIPT.pattern})")


_REGISTERED, _CHANGED, _ABOUT_TO_DELETE = map(_saying, ("registered", "changed", "delete_sure"))
_DELETED = max(re.split(r"{\w+}", wording()["deleted"]), key=len)

QUESTIONS = (
    "我在小区门口摆摊能不能少收钱",
    "眼睛看不见想学按摩",
    "公交车要不要钱",
    "转人工",
    "你好",
    "今天下雨吗",
    "坐轻轨免费吗",
    "哪里教推拿",
    "简单",
    "详细",
    "/start",
    "继续",
    "3",
)
_ASIDE = ("转人工", "简单", "详细", "公交车要不要钱", "/start")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = "建国秀英桂芳志强丽华小明永福春兰德才"
_TOWNS = ("白沙", "德感", "珞璜")


@dataclass(frozen=True)
class Type:
    """Types a text; ``patient``: after all answers, else without waiting for anything."""

    text: str
    patient: bool = False


@dataclass(frozen=True)
class Tap:
    """Waits for all answers, then taps the button of the last one that has these words."""

    label: str


@dataclass(frozen=True)
class Pick:
    """Types the number of the line that begins with these words."""

    line: str


@dataclass(frozen=True)
class ShareContact:
    """Shares the own number."""


@dataclass(frozen=True)
class FillIn:
    """Answers whatever the form asks, until it is submitted: ``another`` person's, by ``buttons`` where it can be."""

    another: bool = False
    buttons: bool = False


Step = Type | Tap | Pick | ShareContact | FillIn


def fitting(step: str | None, name: str, phone: str, wish: str, town: str = "白沙", *, another: bool = False) -> str:
    """Return what answers the form's ``step`` in words (None: the page to check)."""
    answers = {
        None: "提交",
        "whom": "帮别人" if another else "我自己",
        "relation": "我妈妈",
        "category_consent": "不同意记" if another else "同意记",
        "consent": "同意",
        "abroad": "同意",
        "agreement": "同意",
        "age": "42岁",
        "name": f"我叫{name}",
        "phone": phone,
        "contact_way": "短信",
        "town": town,
        "wanted": "按摩或者在家",
        "categories": "视力",
        "certificate": "有",
        "help": "手语翻译",
        "more": wish,
    }
    return answers.get(step, "跳过")


@dataclass(frozen=True)
class Heard:
    """A message as it is compared: its words, the words of its buttons, the file's text."""

    text: str
    labels: tuple[str, ...]
    file: str | None

    def with_receipts(self, names: Callable[[str], str]) -> Heard:
        def named(text: str) -> str:
            return RECEIPT.sub(lambda found: names(found[0]), text)

        return Heard(named(self.text), tuple(map(named, self.labels)), self.file and named(self.file))


@dataclass
class Member:
    """One person of the crowd: on the phone, and as the pure assistant knows them."""

    phone: OnThePhone
    assistant: Assistant
    chance: random.Random
    state: State = field(default_factory=State)
    replies: list[Reply] = field(default_factory=list)
    expected: list[Heard] = field(default_factory=list)
    said: int = 0
    said_at: list[float] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    _plan: deque[Step] = field(default_factory=deque)

    @property
    def chat(self) -> str:
        return f"telegram:{self.phone.chat_id}"

    # -- what they hear

    @property
    def heard(self) -> list[Sent]:
        """What was sent to them, each message once."""
        return [group[0] for group in self.groups]

    @property
    def groups(self) -> list[list[Sent]]:
        """What was sent to them; copies of one message, which came one after another, together."""
        found: list[list[Sent]] = []
        for sent in self.phone.chat.sent:
            if found and _is_copy(found[-1][-1], sent):
                found[-1].append(sent)
            else:
                found.append([sent])
        return found

    @property
    def repeats(self) -> list[tuple[Sent, Sent]]:
        """Each message that came again, with the copy before it."""
        return [pair for group in self.groups for pair in pairwise(group)]

    @property
    def is_answered(self) -> bool:
        return len(self.heard) >= len(self.expected)

    def check(self) -> dict[str, str]:
        """Assert that they heard what they should have; return their receipts: ours to those of the pure assistant."""
        ours: dict[str, str] = {}
        pure: dict[str, str] = {}
        for number, (expected, sent) in enumerate(zip(self.expected, map(_as_heard, self.heard), strict=False)):
            known = [(match[0]) for match in RECEIPT.finditer(_all_of(expected))]
            shown = [(match[0]) for match in RECEIPT.finditer(_all_of(sent))]
            for one, other in zip(known, shown, strict=False):
                assert pure.setdefault(one, other) == other, f"{self.chat}: reply {number} names another receipt"
                assert ours.setdefault(other, one) == one, f"{self.chat}: reply {number} names a receipt twice"
            assert sent.with_receipts(ours.__getitem__) == expected, f"{self.chat}: reply {number}"
        lengths = f"{len(self.heard)} of {len(self.expected)}"
        assert len(self.heard) == len(self.expected), f"{self.chat}: {lengths} replies; {self.said} messages"
        return ours

    def told(self) -> dict[str, int]:
        """Return the receipts they were told are theirs and were not told are deleted: how often each was changed."""
        left: dict[str, int] = {}
        about = ""
        for sent in self.heard:
            if found := _REGISTERED.search(sent.text):
                left[found[1]] = 0
            elif found := _CHANGED.search(sent.text):
                left[found[1]] += 1
            elif found := _ABOUT_TO_DELETE.search(sent.text):
                about = found[1]
            elif _DELETED in sent.text:
                del left[about]
        return left

    # -- what they do

    def goes_on(self) -> bool:
        """Do the next thing; return False when that is not possible before an answer has come."""
        if not self._plan:
            self._plan.extend(self._next_deeds())
        given = step = self._plan[0]
        if isinstance(step, FillIn):
            if self.state.draft is None:
                self._plan.popleft()
                return self.goes_on()
            step = self._answer_to_the_form(step)
        if _waits(step) and not self.is_answered:
            return False
        turn = self._turn(step)
        if self._shows(turn[0]):
            if not isinstance(given, FillIn):
                self._plan.popleft()
        else:
            step, turn = self._aside()
        self._do(step)
        self.replies, state = turn
        # As the store gives them back.
        in_order = sorted(state.registrations, key=lambda registration: registration.created)
        self.state = replace(state, registrations=tuple(in_order))
        self.expected += _expected(self.replies)
        self.said += 1
        return True

    def _aside(self) -> tuple[Step, tuple[list[Reply], State]]:
        """Say something else first, after which the answer can be told from the one before it."""
        for text in self.chance.sample(_ASIDE, len(_ASIDE)):
            turn = self._turn(Type(text))
            if self._shows(turn[0]):
                return Type(text), turn
        raise AssertionError("nothing that can be told apart")

    def _shows(self, replies: Sequence[Reply]) -> bool:
        """Whether each of the replies can be told from the one before it."""
        every = [*self.expected[-1:], *_expected(replies)]
        return len(every) > len(self.expected[-1:]) and all(one != other for one, other in pairwise(every))

    def _turn(self, step: Step) -> tuple[list[Reply], State]:
        values: dict[str, str] = {}
        if isinstance(step, Type):
            values["text"] = in_words(step.text)
        elif isinstance(step, Pick):
            values["text"] = self._number(step.line)
        elif isinstance(step, Tap):
            values["button"] = next(
                button.payload
                for reply in self.replies
                for button in reply.buttons
                if step.label in (button.label.partition(". ")[2], button.label)
            )
        else:
            values["phone"] = self.phone.phone
        message = Message(at=clock.now(), token=secrets.token_hex(16), abroad="Telegram", **values)  # type: ignore[arg-type]
        return self.assistant.reply(message, self.state)

    def _number(self, line: str) -> str:
        words = "\n".join(reply.text for reply in self.replies).splitlines()
        return next(one.partition(".")[0] for one in words if one.partition(". ")[2].startswith(line))

    def _do(self, step: Step) -> None:
        if isinstance(step, Type):
            self.phone.say(step.text)
        elif isinstance(step, Pick):
            self.phone.say(self._number(step.line))
        elif isinstance(step, ShareContact):
            self.phone.send_contact(self.phone.phone)
        elif isinstance(step, Tap):
            newest = self.heard[-1]
            (button,) = [each for each in newest.buttons if step.label in (each.text.partition(". ")[2], each.text)]
            self.phone.tap(button, newest)

    # -- what they are about

    def _next_deeds(self) -> list[Step]:
        left = self.state.registrations
        if self.state.draft is not None:
            self.acts["fills in the rest"] += 1
            return [Type("继续"), FillIn()]
        choices: list[Callable[[], Iterator[Step]]] = [self._asks, self._asks]
        if not left:
            choices += [self._registers, self._registers_by_buttons] * 2
        else:
            choices += [self._changes, self._changes_by_buttons, self._looks, self._deletes]
        if len(left) == 1:
            choices += [self._registers_another]
        deed = self.chance.choice(choices)
        if len(left) > 1:
            deed = self._deletes_one if self.chance.random() < 0.5 else self._asks
        self.acts[deed.__name__.strip("_")] += 1
        return list(deed())

    def _asks(self) -> Iterator[Step]:
        yield Type(self.chance.choice(QUESTIONS))
        if self.chance.random() < 0.3:
            yield Type(self.chance.choice(("没有解决", "1", "要好多钱", "人工")))

    def _name(self) -> str:
        return self.chance.choice(_SURNAMES) + self.chance.choice(_GIVEN) + self.chance.choice(_GIVEN)

    def _answer_to_the_form(self, how: FillIn) -> Step:
        draft = self.state.draft
        assert draft is not None
        labels = [button.label.partition(". ")[2] for reply in self.replies for button in reply.buttons]
        if how.buttons and draft.step == "phone":
            return ShareContact()
        if how.buttons and labels:
            if draft.step is None or draft.picked:
                return Tap("选好了" if draft.picked else labels[-1])
            skipped = draft.step not in ("category_consent", "wanted", "certificate") and "跳过这一步" in labels
            return Tap("跳过这一步" if skipped else labels[0])
        number = f"138{self.chance.randrange(10**8):08d}"
        wish = f"周{self.chance.randrange(1, 6)}下午{self.chance.randrange(2, 6)}点"
        town = self.chance.choice(_TOWNS)
        return Type(fitting(draft.step, self._name(), number, wish, town, another=how.another))

    def _registers(self) -> Iterator[Step]:
        yield Type("我要登记")
        yield from map(
            Type, ("同意", "暂停", self.chance.choice(QUESTIONS), "继续") if self.chance.random() < 0.3 else ()
        )
        yield FillIn()

    def _registers_by_buttons(self) -> Iterator[Step]:
        yield from (Type("/start"), Tap("登记找工作"), FillIn(buttons=True))

    def _registers_another(self) -> Iterator[Step]:
        yield Type("我要登记", patient=True)  # so that it comes later than the first one
        yield from (Type("再登记一个人"), FillIn(another=True))

    def _changes(self) -> Iterator[Step]:
        yield from (Type("我的登记"), Type("改"), Pick("镇或街道"), Type(self.chance.choice(_TOWNS)), Type("提交"))

    def _changes_by_buttons(self) -> Iterator[Step]:
        yield from (Type("我的登记"), Tap("改"), Pick("称呼"), Type(self._name()), FillIn(buttons=True))

    def _looks(self) -> Iterator[Step]:
        yield from (Type("我的登记"), Type("要一份（文字文件）"))

    def _deletes(self) -> Iterator[Step]:
        yield Type("删除我的登记")
        yield Tap("全部删掉") if self.chance.random() < 0.5 else Type("全部删掉")

    def _deletes_one(self) -> Iterator[Step]:
        yield from (Type("删除我的登记"), Type(self.chance.choice("12")), Type("全部删掉"))


class Crowd:
    """``size`` people who talk through ``api``; ``assistant`` has to be put together as the program's is."""

    def __init__(self, api: BotApi, assistant: Assistant, size: int, seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self.members = [
            Member(api.person(), assistant, random.Random(self._chance.random()), acts=Counter()) for _ in range(size)
        ]

    @property
    def said(self) -> int:
        """How many messages."""
        return sum(member.said for member in self.members)

    @property
    def expected(self) -> int:
        """How many replies they should have heard."""
        return sum(len(member.expected) for member in self.members)

    def goes_on(self, members: Sequence[Member] | None = None) -> bool:
        """Let somebody do the next thing; return whether anybody could."""
        chosen = list(members or self.members)
        self._chance.shuffle(chosen)
        return any(member.goes_on() for member in chosen)

    @property
    def heard(self) -> int:
        """How many replies they heard."""
        return sum(len(member.heard) for member in self.members)

    @property
    def unanswered(self) -> list[Member]:
        return [member for member in self.members if not member.is_answered]

    async def check(self, store: Store) -> dict[str, int]:
        """Assert that everybody heard what they should have, and that the store agrees with what they were told."""
        receipts = {member.chat: member.check() for member in self.members}
        async with store.transaction() as transaction:
            states = await transaction.people.load(list(receipts))
        for member in self.members:
            kept = states[member.chat].registrations
            told = member.told()
            assert {_shown(one.receipt) for one in kept} == set(told), f"{member.chat}: not what they were told"
            assert len(kept) == len(told), f"{member.chat}: a registration twice"
            ours = receipts[member.chat]
            assert {ours[_shown(one.receipt)]: _content(one) for one in kept} == {
                _shown(one.receipt): _content(one) for one in member.state.registrations
            }, f"{member.chat}: not what they said"
        every = [_shown(one.receipt) for state in states.values() for one in state.registrations]
        assert len(every) == len(set(every))
        return {
            "messages": self.said,
            "replies": self.expected,
            "repeats": sum(len(member.repeats) for member in self.members),
            "registrations left": len(every),
            "registered": sum(self._count(_REGISTERED)),
            "changed": sum(self._count(_CHANGED)),
            "deleted": sum(_DELETED in sent.text for member in self.members for sent in member.heard),
        }

    def _count(self, what: re.Pattern[str]) -> Iterator[bool]:
        return (bool(what.search(sent.text)) for member in self.members for sent in member.heard)


def _waits(step: Step) -> bool:
    return step.patient if isinstance(step, Type) else not isinstance(step, Pick)


def _is_copy(one: Sent, other: Sent) -> bool:
    """Whether it is the same message once more: the numbers of its buttons are random and told apart two that look
    alike.
    """
    return (one.text, one.rows, one.document) == (other.text, other.rows, other.document)


def _expected(replies: Sequence[Reply]) -> list[Heard]:
    return [
        Heard(_timeless(reply.text), tuple(button.label for button in reply.buttons), _file(reply))
        for reply in replies
        if reply.text or reply.file
    ]


def _file(reply: Reply) -> str | None:
    return _timeless(f"{reply.file.name}\n{reply.file.content}") if reply.file else None


def _as_heard(sent: Sent) -> Heard:
    file = f"{sent.document.name}\n{sent.document.content.decode()}" if sent.document else None
    labels = tuple(button.text for button in sent.buttons if not button.request_contact)
    return Heard(_timeless(sent.text), labels, file and _timeless(file))


def _timeless(text: str) -> str:
    """Without what depends on when it was said."""
    return _DAY_OR_MINUTE.sub("(then)", text)


def _all_of(heard: Heard) -> str:
    return "\n".join((heard.text, *heard.labels, heard.file or ""))


def _shown(receipt: str) -> str:
    return f"{receipt[:4]}-{receipt[4:8]}-{receipt[8:]}"


def _content(registration: Registration) -> object:
    agreed = [(consent.kind, consent.version, consent.agreed) for consent in registration.consents]
    return dict(registration.answers), sorted(agreed)
