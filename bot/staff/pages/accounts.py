"""The accounts of the staff: the administrators make, change and close them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from bot.casework.account import LONGEST_NAME, Account, Role, is_login, is_name, tidy_name
from bot.casework.account_changes import AccountChange, account_changes, changes_told
from bot.casework.filters import of_the_day
from bot.staff import case_lists
from bot.staff.access import Access
from bot.staff.listings import queue_address
from bot.staff.page import Page
from bot.staff.sheet import Sheet
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store import AccountChanged, LoginTaken

_LIST = "/accounts"


@dataclass(frozen=True)
class OpenCases:
    """How many cases an account still works on, and where they are listed."""

    count: int
    address: str


class _LastAdminError(Exception):
    """Nobody could administer any more."""


@dataclass(frozen=True)
class _Entered:
    """What an administrator entered about an account."""

    name: str
    role: Role
    towns: tuple[str, ...]
    teaches: bool

    def on(self, account: Account) -> Account:
        """Return the account as it would be."""
        return replace(account, name=tidy_name(self.name), role=self.role, towns=self.towns, teaches=self.teaches)


async def show_all(visit: Visit) -> Response:
    """List the accounts."""
    async with visit.store.transaction() as transaction:
        accounts = await transaction.staff.all()
    return visit.render("accounts.html", accounts=accounts)


async def add(visit: Visit) -> Response:
    """Make an account, and show the link for its first sign-in, this once."""
    if visit.request.method != "POST":
        sheet = await visit.sheet("account", {"role": Role.CLERK})
        return visit.render("account_new.html", sheet=sheet, towns=_towns(visit))
    login = visit.form.text("login")
    entered, faults = _entered(visit)
    if not is_login(login):
        faults = {"login": say("accounts.bad_login"), **faults}
    if entered and not faults:
        try:
            async with visit.store.transaction() as transaction:
                account, token = await transaction.staff.add(
                    login, entered.name, entered.role, entered.towns, entered.teaches, visit.now
                )
                await transaction.audit.note(visit.who, "account-added", _subject(account.id), visit.now)
        except LoginTaken:
            faults = {"login": say("accounts.login_taken")}
        else:
            await visit.saved()
            return _link_shown(visit, account, token)
    return visit.render("account_new.html", sheet=visit.again("account", faults), towns=_towns(visit))


async def change(visit: Visit) -> Response:
    """Show an account, and change it."""
    account = await _account(visit)
    if visit.request.method != "POST":
        teaches = "yes" if account.teaches else ""
        stored = {"name": account.name, "role": account.role, "towns": account.towns, "teaches": teaches}
        return await _shown(visit, account, await visit.sheet("account", stored | {"version": account.version}))
    entered, faults = _entered(visit)
    if entered and _is_own(visit, account) and entered.role is not account.role:
        faults["role"] = say("accounts.own_role")
    if faults or entered is None:
        return await _shown(visit, account, visit.again("account", faults))
    try:
        async with visit.store.transaction() as transaction:
            if entered.role is not Role.ADMIN and await transaction.staff.is_last_admin(account.id):
                raise _LastAdminError
            before, after = await transaction.staff.change(
                account.id,
                name=entered.name,
                role=entered.role,
                towns=entered.towns,
                teaches=entered.teaches,
                version=visit.form.text("version"),
            )
            if why := changes_told(before, after):
                await transaction.audit.note(visit.who, "account-changed", _subject(account.id), visit.now, why)
    except AccountChanged as change:
        return await _both_shown(visit, change.current, entered)
    except _LastAdminError:
        return await _shown(visit, account, visit.again("account", {"role": say("accounts.last_admin")}))
    return visit.redirect(_LIST, say("accounts.changed", login=account.login))


async def _both_shown(visit: Visit, current: Account, entered: _Entered) -> Response:
    """Show how the account is now beside what was entered; saving again replaces it knowingly."""
    sheet = visit.again("account", {"": say("accounts.changed_meanwhile")}).with_values({"version": current.version})
    return await _shown(visit, current, sheet, account_changes(current, entered.on(current)))


async def _shown(visit: Visit, account: Account, sheet: Sheet, differing: Sequence[AccountChange] = ()) -> Response:
    return visit.render(
        "account.html",
        subject=account,
        sheet=sheet,
        towns=_towns(visit),
        differing=differing,
        open_cases=await _open_cases(visit, account),
    )


async def disable(visit: Visit) -> Response:
    """Close an account, once that was confirmed."""
    account = await _account(visit)
    if _is_own(visit, account):
        visit.forbid("own account")
    if visit.request.method != "POST":
        return await _confirm(visit, account, "disable")
    async with visit.store.transaction() as transaction:
        if await transaction.staff.is_last_admin(account.id):
            return visit.redirect(f"{_LIST}/{account.id}", say("accounts.last_admin"))
        await transaction.staff.disable(account.id, visit.now)
        await transaction.audit.note(visit.who, "account-disabled", _subject(account.id), visit.now)
    return visit.redirect(_LIST, say("accounts.disabled", login=account.login))


async def enable(visit: Visit) -> Response:
    """Open a closed account again."""
    account = await _account(visit)
    async with visit.store.transaction() as transaction:
        await transaction.staff.enable(account.id)
        await transaction.audit.note(visit.who, "account-enabled", _subject(account.id), visit.now)
    return visit.redirect(f"{_LIST}/{account.id}", say("accounts.enabled", login=account.login))


async def invite(visit: Visit) -> Response:
    """Have somebody set a new passphrase, once that was confirmed, and show the link for it, this once."""
    account = await _account(visit)
    if account.disabled:
        return visit.redirect(f"{_LIST}/{account.id}", say("accounts.invite_disabled", login=account.login))
    if visit.request.method != "POST":
        return await _confirm(visit, account, "invite")
    async with visit.store.transaction() as transaction:
        token = await transaction.staff.invite(account.id, visit.now)
        await transaction.audit.note(visit.who, "account-invited", _subject(account.id), visit.now)
    return _link_shown(visit, account, token)


def _entered(visit: Visit) -> tuple[_Entered | None, dict[str, str]]:
    """Return what was entered, and what is wrong with it by field."""
    form = visit.form
    faults: dict[str, str] = {}
    name = form.text("name")
    if not is_name(name):
        faults["name"] = say("accounts.no_name", longest=LONGEST_NAME)
    role = next((role for role in Role if role == form.text("role")), None)
    if role is None:
        faults["role"] = say("accounts.no_role")
        return None, faults
    towns = tuple(town for town in _towns(visit) if town in form.all("towns")) if role is Role.CLERK else ()
    if role is Role.CLERK and not towns:
        faults["towns"] = say("accounts.no_towns")
    return _Entered(name, role, towns, form.flag("teaches")), faults


async def _account(visit: Visit) -> Account:
    async with visit.store.transaction() as transaction:
        account = await transaction.staff.by_id(visit.number)
    return account or visit.missing()


async def _open_cases(visit: Visit, account: Account) -> OpenCases:
    chosen = of_the_day(account.id)["mine"]
    counts = await case_lists.counts_of(visit, {"mine": chosen})
    return OpenCases(counts["mine"], queue_address(chosen))


def _is_own(visit: Visit, account: Account) -> bool:
    return account.id == visit.account.id


def _subject(id: int) -> str:
    return f"account:{id}"


def _towns(visit: Visit) -> tuple[str, ...]:
    return visit.parts.built().knowledge.towns


async def _confirm(visit: Visit, account: Account, what: str) -> Response:
    return visit.render(
        "confirm.html",
        title=say(f"accounts.{what}_title", login=account.login),
        text=say(f"accounts.{what}_text", name=account.name),
        submit=say(f"accounts.{what}_button"),
        back=f"{_LIST}/{account.id}",
        open_cases=await _open_cases(visit, account) if what == "disable" else None,
        sheet=visit.blank("confirm"),
    )


def _link_shown(visit: Visit, account: Account, token: str) -> Response:
    link = f"{visit.house.addresses.base}/welcome/{token}"
    return visit.render("account_link.html", subject=account, link=link)


PAGES = (
    Page(_LIST, show_all, access=Access.ADMIN, menu="账号"),
    Page(f"{_LIST}/new", add, methods=("GET", "POST"), access=Access.ADMIN),
    Page(f"{_LIST}/{{id:int}}", change, methods=("GET", "POST"), access=Access.ADMIN),
    Page(f"{_LIST}/{{id:int}}/disable", disable, methods=("GET", "POST"), access=Access.ADMIN),
    Page(f"{_LIST}/{{id:int}}/enable", enable, methods=("POST",), access=Access.ADMIN),
    Page(f"{_LIST}/{{id:int}}/invite", invite, methods=("GET", "POST"), access=Access.ADMIN),
)
