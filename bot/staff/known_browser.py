"""Browsers in which somebody signed in before: guesses from elsewhere do not make their owners wait."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.casework.account import canonical_login
from bot.staff import sealing
from bot.store import Keys

LASTS = timedelta(days=180)
_MOST = 5  # who share one machine; more would burst the cookie


@dataclass(frozen=True)
class KnownBrowser:
    """``id``: by which its failures are counted, empty for one that is not known; ``logins``: the latest first."""

    id: str = ""
    logins: tuple[str, ...] = ()

    def knows(self, login: str) -> bool:
        """Say whether ``login`` signed in here before."""
        return canonical_login(login) in self.logins

    def with_login(self, login: str) -> KnownBrowser:
        """Return the browser after ``login`` signed in."""
        this = canonical_login(login)
        others = [each for each in self.logins if each != this]
        return replace(self, id=self.id or secrets.token_urlsafe(16), logins=(this, *others)[:_MOST])

    def sealed(self, keys: Keys, now: datetime) -> str:
        """Return what the browser keeps."""
        return sealing.seal(keys, "known-browser", [self.id, self.logins], now)


def known_browser(keys: Keys, sealed: str, now: datetime) -> KnownBrowser:
    """Return the browser that sent ``sealed``; one that is not known if that is forged or too old."""
    found = sealing.unseal(keys, "known-browser", sealed, now, LASTS)
    return KnownBrowser(found[0], tuple(found[1])) if found else KnownBrowser()
