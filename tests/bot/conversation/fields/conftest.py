"""How characters sound, asked once of the library that knows, and the towns of the shipped knowledge."""

from __future__ import annotations

import pytest

from bot.conversation.fields.town import Towns
from intents.libraries import ask_libraries
from intents.sounds import Sounds
from intents.tables import Tables
from knowledge import Knowledge


@pytest.fixture(scope="session")
def tables() -> Tables:
    return ask_libraries()


@pytest.fixture(scope="session")
def sounds(tables: Tables) -> Sounds:
    return Sounds(tables.readings)


@pytest.fixture(scope="session")
def towns(tables: Tables, shipped: Knowledge) -> Towns:
    return Towns(
        shipped.towns,
        tables.readings,
        aliases={"城区": ("几江街道", "鼎山街道", "圣泉街道"), "渡口": ("油溪镇",)},
        ignore=("重庆市", "重庆", "江津区", "江津"),
        simplified=tables.simplified,
        elsewhere=("永川", "主城"),
    )
