"""Accounts of the staff, and the record of what was done, for whoever looks after the machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot import clock
from bot.casework.account import LONGEST_NAME, Account, Role, is_login, tidy_name, towns_named
from bot.casework.account_changes import changes_told
from bot.command_faults import UnusableError
from bot.settings import Settings
from bot.staff.addresses import Addresses
from bot.storage import open_store
from bot.store import LoginTaken, Transaction
from bot.store.audit import Verdict
from knowledge import load

OPERATOR = "operator"
_SHORTEST_TOWN = 2  # characters: 沙 could be anything, 白沙 is 白沙镇
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What an account is to be; None for what stays as it is. ``towns`` may be parts of names."""

    name: str | None = None
    role: Role | None = None
    towns: Sequence[str] | None = None
    teaches: bool | None = None


async def add(settings: Settings, say: Say, login: str, wanted: Wanted) -> str:
    """Make an account; return the link of its first sign-in."""
    if not is_login(login):
        raise UnusableError(f"{login}：账号要 2 到 32 个字母、数字或者 . - _，用字母或数字开头")
    name = _name(wanted.name or "")
    if not name or wanted.role is None:
        raise UnusableError("请写上姓名和角色：--name 姓名 --role admin、clerk 或 statistics")
    towns = _fitting(wanted.role, _towns(settings, wanted.towns or ()))
    async with _opened(settings, say) as (transaction, now):
        try:
            account, token = await transaction.staff.add(login, name, wanted.role, towns, bool(wanted.teaches), now)
        except LoginTaken as error:
            raise UnusableError(f"账号 {login} 已经有了；换一个，或者用 zhucan staff change 修改") from error
        await _note(transaction, "account-added", account, now)
    _say_towns(say, towns)
    return _link(settings, say, token)


async def everyone(settings: Settings, say: Say) -> list[Account]:
    """Return all accounts."""
    async with _opened(settings, say) as (transaction, _):
        return await transaction.staff.all()


async def invite(settings: Settings, say: Say, login: str) -> str:
    """Return a new link; passphrase, second factor and sessions of before end."""
    async with _opened(settings, say) as (transaction, now):
        account = await _the(transaction, login)
        if account.disabled:
            raise UnusableError(f"账号 {login} 停用了；先运行 zhucan staff enable {login}")
        token = await transaction.staff.invite(account.id, now)
        await _note(transaction, "account-invited", account, now)
    return _link(settings, say, token)


async def disable(settings: Settings, say: Say, login: str) -> None:
    """Close an account."""
    async with _opened(settings, say) as (transaction, now):
        account = await _the(transaction, login)
        await transaction.staff.disable(account.id, now)
        await _note(transaction, "account-disabled", account, now)


async def enable(settings: Settings, say: Say, login: str) -> Account:
    """Open it again, and return it."""
    async with _opened(settings, say) as (transaction, now):
        account = await _the(transaction, login)
        await transaction.staff.enable(account.id)
        await _note(transaction, "account-enabled", account, now)
    return account


async def change(settings: Settings, say: Say, login: str, wanted: Wanted) -> None:
    """Change what is wanted."""
    if wanted == Wanted():
        raise UnusableError("没有说要改什么；例如：--town 白沙镇，或者 --role admin")
    name = None if wanted.name is None else _name(wanted.name)
    if name == "":
        raise UnusableError("姓名不能是空的；不改姓名就不要写 --name")
    given = None if wanted.towns is None else _towns(settings, wanted.towns)
    async with _opened(settings, say) as (transaction, now):
        account = await _the(transaction, login)
        role = wanted.role or account.role
        kept = account.towns if role is Role.CLERK else ()
        before, after = await transaction.staff.change(
            account.id,
            name=name,
            role=role,
            towns=_fitting(role, kept if given is None else given),
            teaches=wanted.teaches,
        )
        if why := changes_told(before, after):
            await _note(transaction, "account-changed", account, now, why)
    _say_towns(say, given or ())


async def reset_second_factor(settings: Settings, say: Say, login: str) -> None:
    """Ask for no code any more, as when the telephone was lost."""
    async with _opened(settings, say) as (transaction, now):
        account = await _the(transaction, login)
        await transaction.staff.set_totp(account.id, None)
        await _note(transaction, "second-factor-off", account, now)


async def verify_audit(settings: Settings, say: Say, end: str | None) -> Verdict:
    """Look at the whole audit; ``end``: where it ended once, as the log tells it."""
    known = None if end is None else _known(end)
    async with await open_store(settings, say) as store:
        return await store.audit_verdict(known)


def _known(end: str) -> tuple[int, str]:
    number, _, link = end.strip().partition("-")
    if not (number.isascii() and number.isdecimal() and link):
        raise UnusableError(f"{end}：--end 要照日志里 audit end 后面那一串写，例如 --end 1234-0a1b2c…")
    return int(number), link


@asynccontextmanager
async def _opened(settings: Settings, say: Say) -> AsyncIterator[tuple[Transaction, datetime]]:
    async with await open_store(settings, say) as store, store.transaction() as transaction:
        yield transaction, clock.now()


async def _note(transaction: Transaction, what: str, account: Account, now: datetime, why: str = "") -> None:
    await transaction.audit.note(OPERATOR, what, f"account:{account.id}", now, why)


async def _the(transaction: Transaction, login: str) -> Account:
    account = await transaction.staff.by_login(login)
    if account is None:
        raise UnusableError(f"没有账号 {login}；看有哪些：zhucan staff list")
    return account


def _name(given: str) -> str:
    name = tidy_name(given)
    if len(name) > LONGEST_NAME:
        raise UnusableError(f"姓名最多 {LONGEST_NAME} 个字")
    return name


def _fitting(role: Role, towns: tuple[str, ...]) -> tuple[str, ...]:
    if role is not Role.CLERK and towns:
        raise UnusableError("只有经办人（clerk）按镇街分；请去掉 --town")
    if role is Role.CLERK and not towns:
        raise UnusableError("经办人至少要有一个镇街；请加上 --town，例如 --town 白沙镇")
    return towns


def _towns(settings: Settings, given: Sequence[str]) -> tuple[str, ...]:
    """Return the whole names of the towns that are ``given``, once each. Raises UnusableError, KnowledgeError."""
    towns = load(settings.knowledge.folder).towns if given else ()
    return tuple(dict.fromkeys(_town(each, towns) for each in given))


def _say_towns(say: Say, towns: Sequence[str]) -> None:
    """Say which towns were meant: they need not have been written in full."""
    if towns:
        say(f"管的镇街：{'、'.join(towns)}")


def _town(given: str, towns: Sequence[str]) -> str:
    found = towns_named(given, towns)
    if len(found) == 1 and found[0].startswith(given.strip()) and len(given.strip()) >= _SHORTEST_TOWN:
        return found[0]
    if found:
        raise UnusableError(f"{given}：看不出是哪个镇街，像的有{'、'.join(found)}；请写全名")
    raise UnusableError(f"{given}：没有这个镇街；有的是 {'、'.join(towns)}")


def _link(settings: Settings, say: Say, token: str) -> str:
    if not settings.staff.enabled:
        say("工作台现在没有打开，链接要等打开了（设置 staff.enabled）才能用。")
    return f"{Addresses(settings.staff).base}/welcome/{token}"
