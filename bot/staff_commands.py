"""``zhucan staff …`` and ``zhucan audit …``: accounts, and whether the record of what was done is whole."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import clock, data_files, settings
from bot.casework.account import Account, Role
from bot.command_faults import notice, store_faults_in_words

if TYPE_CHECKING:
    from bot.store.audit import Verdict
    from bot.store.chain import Break

staff = typer.Typer(name="staff", help="工作人员的账号。", no_args_is_help=True)
audit = typer.Typer(name="audit", help="操作记录。", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="账号")]
Towns = Annotated[
    list[str] | None,
    typer.Option("--town", metavar="镇街", help="经办人管的镇街，可以写几次；认得出就不用写全", show_default=False),
]
_ROLE_HELP = "admin 管理员，clerk 经办人，statistics 统计"
_ONCE = "这个链接七天内有效，只能用一次；请直接交给本人。"
_WRONG = {
    "changed": "{rows}被改过",
    "removed": "{rows}被删了",
    "inserted": "{rows}不是程序记的，是后来塞进来的",
    "known": "{rows}和日志里记的末尾对不上：记录被换回过以前的样子，或者重新做过",
    "end": "记录结尾的标记丢过，或者被换过：最后面少了多少看不出来",
}


@staff.command()
def add(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", metavar="姓名", help="姓名")],
    role: Annotated[Role, typer.Option("--role", help=_ROLE_HELP)],
    towns: Towns = None,
    teaches: Annotated[bool, typer.Option("--teaches", help="可以给知识加问法")] = False,
) -> None:
    """新建一个账号，给出第一次登录的链接。"""
    from bot import staffing  # noqa: PLC0415 – the database takes long to load

    print(_done(context, "add", login, staffing.Wanted(name, role, tuple(towns or ()), teaches)))
    notice(_ONCE)


@staff.command(name="list")
def list_all(context: typer.Context) -> None:
    """列出所有账号。"""
    words = data_files.read("bot.casework", "wording.yaml")["role"]
    accounts: list[Account] = _done(context, "everyone")
    if not accounts:
        notice("还没有账号。建第一个：zhucan staff add 账号 --name 姓名 --role admin")
    for account in accounts:
        print("\t".join((account.login, account.name, words[account.role], "、".join(account.towns), _state(account))))


def _state(account: Account) -> str:
    if account.disabled:
        return "停用"
    parts = [
        (not account.has_passphrase, "还没登录过"),
        (account.has_totp, "有动态码"),
        (account.chat is not None, "连了 Telegram"),
        (account.teaches, "可以加问法"),
    ]
    return "、".join(word for is_so, word in parts if is_so)


@staff.command()
def invite(context: typer.Context, login: Login) -> None:
    """给一个新的登录链接：原来的密码、动态码马上作废，已登录的都退出，连着的聊天断开。"""
    print(_done(context, "invite", login))
    notice(_ONCE)


@staff.command()
def disable(context: typer.Context, login: Login) -> None:
    """停用：马上退出，不能再登录；做过的事还在记录里。"""
    _done(context, "disable", login)
    notice(f"账号 {login} 停用了。")


@staff.command()
def enable(context: typer.Context, login: Login) -> None:
    """重新启用，密码还是原来的。"""
    account: Account = _done(context, "enable", login)
    if account.has_passphrase:
        notice(f"账号 {login} 可以用了。")
    else:
        notice(f"账号 {login} 启用了，可是本人还没有设过密码，登录不了；要一个新链接：zhucan staff invite {login}")


@staff.command()
def change(
    context: typer.Context,
    login: Login,
    name: Annotated[str | None, typer.Option("--name", metavar="姓名", help="姓名")] = None,
    role: Annotated[Role | None, typer.Option("--role", help=_ROLE_HELP)] = None,
    towns: Towns = None,
    teaches: Annotated[bool | None, typer.Option("--teaches/--no-teaches", help="可不可以给知识加问法")] = None,
) -> None:
    """修改账号；没写的不变，--town 写了就换成这几个。"""
    from bot import staffing  # noqa: PLC0415

    _done(context, "change", login, staffing.Wanted(name, role, tuple(towns) if towns else None, teaches))
    notice(f"账号 {login} 改好了。")


@staff.command(name="reset-second-factor")
def reset_second_factor(context: typer.Context, login: Login) -> None:
    """去掉动态码（手机丢了的时候）；本人登录以后可以重新开。"""
    _done(context, "reset_second_factor", login)
    notice(f"账号 {login} 登录时不再问动态码。")


@audit.command()
def verify(
    context: typer.Context,
    end: Annotated[
        str | None,
        typer.Option("--end", metavar="末尾", help="日志里 audit end 后面那一串，拿来对一对", show_default=False),
    ] = None,
) -> None:
    """核对操作记录：哪些条被改过、删过、塞进来过。"""
    verdict: Verdict = _done(context, "verify_audit", end)
    for each in verdict.breaks:
        print(_in_words(each))
    begun = (
        f"；从 {clock.written(datetime.fromisoformat(verdict.end.since))} 起成链，当时已有 {verdict.end.before} 条"
        if verdict.end
        else ""
    )
    if verdict.breaks:
        notice(f"操作记录 {verdict.entries} 条，有 {len(verdict.breaks)} 处不对{begun}。")
        raise typer.Exit(1)
    notice(f"操作记录 {verdict.entries} 条，都完好{begun}。")


def _in_words(one: Break) -> str:
    rows = f"第 {one.id} 条" if one.id == one.last else f"第 {one.id} 到 {one.last} 条"
    return _WRONG[one.what].format(rows=rows)


def _done(context: typer.Context, task: str, *arguments: Any) -> Any:
    """Do one of the tasks in ``staffing``."""
    chosen = settings.load(context.obj)
    from bot import staffing  # noqa: PLC0415

    with store_faults_in_words():
        return asyncio.run(getattr(staffing, task)(chosen, notice, *arguments))
