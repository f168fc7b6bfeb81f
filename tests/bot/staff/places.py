"""Every address of the console with something in the place of its parameters, for tests that walk over all of them."""

from __future__ import annotations

import re

from bot.staff.console import PAGES
from bot.staff.page import Page
from bot.staff.pages.case import lead_back

from .office import RECEIPT, Office


def parameters(office: Office) -> dict[str, str]:
    """What stands for ``{name}`` in the addresses of pages: something that is there. A new parameter is added here."""
    return {
        "id": str(office.cast["two-towns"].id),
        "token": "no-such-link",
        "receipt": RECEIPT,
        "year": "2024",
        "place": "1",
        "step": "service",
        "question": "1",
    }


def address(page: Page, office: Office) -> str:
    """An address of ``page``."""
    known = parameters(office)
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known[found[1]], page.path)


def readable() -> list[Page]:
    """The pages that can be opened."""
    return [page for page in PAGES if "GET" in page.methods]


def shown() -> list[Page]:
    """The pages that can be looked at."""
    return [page for page in readable() if not page.download and page.handler is not lead_back]


def sendable() -> list[Page]:
    """The pages that take a form."""
    return [page for page in PAGES if "POST" in page.methods]


def of_cases() -> list[Page]:
    """The pages of one case."""
    return [page for page in PAGES if "{receipt" in page.path]


def named(page: Page) -> str:
    """What a test of ``page`` is called."""
    return f"{'+'.join(page.methods)} {page.path}"
