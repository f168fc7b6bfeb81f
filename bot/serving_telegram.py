"""Builds what the bot on Telegram consists of."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, time
from urllib.parse import urlsplit

from starlette.applications import Starlette

from bot import clock
from bot.app import JOBSEEKER
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot, make_bot
from bot.channels.telegram.commands import offer_menu
from bot.channels.telegram.greeting import introduce
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.webhook import Webhook, set_webhook
from bot.conversation.forms import load_form
from bot.service.alarm import Alarm
from bot.service.answering import Holder
from bot.service.flood import Flood
from bot.service.intake import Intake
from bot.service.metrics import Metrics
from bot.service.pace import Limits, Pace
from bot.service.processor import Processor
from bot.service.sender import Sender
from bot.service.serving import Web
from bot.service.wording import say as phrase
from bot.settings import Settings
from bot.staff.morning import Morning
from bot.staff.phone import Phone
from bot.store import SharingWorker, Store, Worker

_CONNECTIONS = 32  # to the Bot API server at once


def _worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Telegram:
    """The parts of the bot: what brings messages, answers them, and sends the answers."""

    def __init__(
        self,
        settings: Settings,
        bot: TelegramBot,
        channel: TelegramChannel,
        webhook_secret: str,
        store: Store,
        holder: Holder,
        metrics: Metrics,
    ) -> None:
        self._settings = settings.telegram
        self._bot = bot
        self._channel = channel
        self._webhook_secret = webhook_secret
        self._store = store
        self._metrics = metrics
        self._incoming = Alarm()
        self._outgoing = Alarm()
        self._intake = Intake(store, self._incoming, metrics, clock.now)
        self._poller = None if self._settings.webhook_url else Poller(bot, channel, self._intake.keep)
        phone = Phone(load_form(JOBSEEKER), settings.registration.contact_days, settings.staff.morning)
        self.processor = self._make_processor(holder, phone)
        self.sender = self._make_sender()
        self.morning = Morning(
            store,
            channel,
            phone,
            at=time.fromisoformat(settings.staff.morning),
            now=clock.now,
            outgoing=self._outgoing,
        )

    @classmethod
    async def open(
        cls,
        settings: Settings,
        token: str,
        webhook_secret: str,
        store: Store,
        holder: Holder,
        metrics: Metrics,
        opened: AsyncExitStack,
    ) -> Telegram:
        """Reach Telegram as the bot with ``token``. ``opened`` closes the connections. Raises TokenRefused, Fault."""
        bot = make_bot(token, settings.telegram.base_url, connections=_CONNECTIONS)
        await bot.open()
        opened.push_async_callback(bot.close_connections)
        channel = TelegramChannel(bot, await introduce(bot))
        telegram = cls(settings, bot, channel, webhook_secret, store, holder, metrics)
        await offer_menu(bot)
        return telegram

    @property
    def sources(self) -> tuple[Poller, ...]:
        """What asks for messages, unless they are brought."""
        return (self._poller,) if self._poller else ()

    @property
    def last_poll(self) -> Callable[[], datetime | None] | None:
        """Tells when Telegram was last reached, None where nothing polls."""
        poller = self._poller
        return (lambda: poller.last_success) if poller else None

    def handled_until(self) -> datetime:
        """Return before when no message is waiting."""
        return self.processor.handled_until

    async def close(self) -> None:
        """Close the connections to Telegram."""
        await self._bot.close_connections()

    async def webhook(self) -> Web | None:
        """Listen first, then tell Telegram where; None where it polls. Raises AddressInUse, TokenRefused, Fault."""
        url = self._settings.webhook_url
        if url is None:
            return None
        hook = Webhook(self._channel, self._intake.keep, self._webhook_secret)
        routes = [hook.route(urlsplit(url).path or "/")]
        host, port = self._settings.webhook_host, self._settings.webhook_port
        web = Web(Starlette(routes=routes), host, port, name="webhook", setting="telegram.webhook_port")
        await set_webhook(self._bot, url, self._webhook_secret)
        return web

    def _make_processor(self, holder: Holder, phone: Phone) -> Processor:
        return Processor(
            self._store,
            {self._channel.name: self._channel},
            holder,
            flood=Flood(),
            metrics=self._metrics,
            now=clock.now,
            alarm=self._incoming,
            outgoing=self._outgoing,
            sorry=phrase("sorry"),
            aside=phone,
        )

    def _make_sender(self) -> Sender:
        alone = self._store.dialect.one_writer
        return Sender(
            self._store,
            {self._channel.name: self._channel},
            pace=Pace(Limits(overall=self._settings.per_second)),
            metrics=self._metrics,
            now=clock.now,
            alarm=self._outgoing,
            worker=Worker(_worker_name()) if alone else SharingWorker(self._store, _worker_name),
            alone=alone,
            concurrency=_CONNECTIONS,
        )
