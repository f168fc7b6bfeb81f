"""Find out who the bot is on Telegram."""

from __future__ import annotations

import asyncio

from bot.channels.telegram.backoff import Sleep, patiently
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.updates import Me


async def introduce(bot: TelegramBot, *, sleep: Sleep = asyncio.sleep) -> Me:
    """Return who ``bot`` is, waiting for Telegram to be reached. Raises TokenRefused."""
    user = await patiently("getMe", bot.get_me, sleep=sleep)
    return Me(user.id, user.username or "")
