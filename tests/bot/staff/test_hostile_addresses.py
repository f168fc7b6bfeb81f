"""Addresses that no page of the console ever leads to: each is answered with a page, and none with a fault."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from bot import app
from bot.staff.access import Access
from bot.staff.page import Page
from tests.postgres import Server, running_server

from .office import Office, office_at, open_office
from .places import address, named, readable

VALUES = (
    "",
    "\0",
    "1\0",
    "\x1f\x7f",
    "//[",
    "//[#a",
    "http://[::1",
    "\\\\evil.example",
    "../..",
    "-1",
    "1.123456789x",
    "\0.1",
    "9" * 25,
    "9" * 5000,
    "²",
    "٣",
    "0001-01-01",
    "9999-12-31",
    "2024-13-45",
    "NaN",
    "\u202e\u200b",
    "\U0001f9d1",
    "%",
    "_' OR 1=1 --",
    "{{ 7 * 7 }}",
    "<script>",
    "周" * 500,
    "/queue?town=%00&q=1%00",
)
NAMES = (
    "case", "back", "next", "kept", "restore", "template", "page", "q", "town", "wanted", "category", "status",
    "counselor", "missing", "graduates", "overdue", "unanswered", "follow_up", "since", "until", "follow_up_since",
    "follow_up_until", "order", "who", "what", "subject", "year", "list", "then", "looked", "filter",
)  # fmt: skip
NO_TEXT = ("%ff", "%ED%A0%80", "%C0%80", "%")
"""What does not stand for any text."""
_LONGEST = 50_000  # characters of an address


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, template: Path, built: app.App
) -> AsyncIterator[Office]:
    if request.param == "sqlite":
        async with open_office(tmp_path, template, built) as office:
            yield office
    else:
        server: Server = request.getfixturevalue("server")
        async with office_at(server.url(server.database()), tmp_path, built) as office:
            yield office


def hostile(path: str, known: str) -> Iterator[str]:
    """Addresses of the page with ``path``, ``known`` being one that is right."""
    values = [*map(quote, VALUES), *NO_TEXT]
    for value in values:
        at_once = max(1, min(len(NAMES), _LONGEST // (len(value) + 20)))
        for start in range(0, len(NAMES), at_once):
            yield f"{known}?{'&'.join(f'{name}={value}' for name in NAMES[start : start + at_once])}"
        if "{" in path:
            yield re.sub(r"\{\w+(:\w+)?\}", value.replace("/", "%2F").replace("\\", "%5C") or "%20", path)
    yield f"{known}?{urlencode([(name, value) for value in VALUES if len(value) < 50 for name in NAMES])}"


@pytest.mark.parametrize("page", readable(), ids=named)
async def test_every_page_answers_every_address_and_with_all_its_headers(office: Office, page: Page) -> None:
    await office.register()
    usual = dict((await office.stranger().get("/sign-in")).response.headers)
    always = {name for name in usual if name not in {"content-length", "content-type", "set-cookie"}}
    people = [await office.person("admin"), *([office.stranger()] if page.access is Access.PUBLIC else [])]
    for person in people:
        for where in hostile(page.path, address(page, office)):
            answer = await person.get(where)
            assert answer.status < 500, where[:200]
            assert always <= set(answer.response.headers), where[:200]
            assert re.match(r"/(?![/\\])|$", answer.location), where[:200]
