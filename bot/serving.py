"""Builds the Telegram service from the settings, and runs it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from starlette.applications import Starlette

from bot import app, clock
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot, make_bot
from bot.channels.telegram.commands import offer_menu
from bot.channels.telegram.faults import TokenRefused
from bot.channels.telegram.greeting import introduce
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.webhook import Webhook, set_webhook
from bot.service import logs
from bot.service.alarm import Alarm
from bot.service.answering import Holder
from bot.service.flood import Flood
from bot.service.housekeeping import Housekeeper
from bot.service.intake import Intake
from bot.service.metrics import Metrics
from bot.service.monitoring import Monitoring
from bot.service.pace import Limits, Pace
from bot.service.processor import Processor
from bot.service.reload import KnowledgeWatcher, TakenUp
from bot.service.running import Parts, Stoppable, run
from bot.service.sender import Sender
from bot.service.serving import AddressInUse, Web
from bot.service.wording import say as phrase
from bot.settings import Settings
from bot.storage import open_store, retention
from bot.store import SharingWorker, Store, StoreError, Worker
from bot.store.housekeeping import purge

_CONNECTIONS = 32  # to the Bot API server at once


async def serve(settings: Settings, token: str, say: Callable[[str], None]) -> int:
    """Run the Telegram bot until it is asked to stop; return the status to exit with.

    ``say`` is told what whoever starts it should know. Raises SettingsError, KnowledgeError, StoreError,
    StoreUnavailable, TokenRefused.
    """
    webhook_secret = settings.telegram.webhook_secret
    hook_secret = webhook_secret.get_secret_value() if webhook_secret else secrets.token_urlsafe(32)
    logs.set_up(
        [token, hook_secret, settings.store.url.get_secret_value()],
        plain=None if settings.log.json_lines is None else not settings.log.json_lines,
        level=logging.getLevelNamesMapping()[settings.log.level.upper()],
    )
    built = app.build(settings, say)
    async with AsyncExitStack() as opened:
        store = await open_store(settings, say, alone=True)
        opened.push_async_callback(store.close)
        bot = make_bot(token, settings.telegram.base_url, connections=_CONNECTIONS)
        await bot.open()
        opened.push_async_callback(bot.close_connections)
        channel = TelegramChannel(bot, await introduce(bot))
        service = _Service(settings, built, store, bot, channel, hook_secret)
        parts = await service.parts()
        opened.pop_all()
    return await run(parts)


def _worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class _Service:
    """The parts of the Telegram service, put together."""

    def __init__(
        self,
        settings: Settings,
        built: app.App,
        store: Store,
        bot: TelegramBot,
        channel: TelegramChannel,
        webhook_secret: str,
    ) -> None:
        self._settings = settings
        self._built = built
        self._store = store
        self._bot = bot
        self._channel = channel
        self._webhook_secret = webhook_secret
        self._metrics = Metrics([channel.name])
        self._holder = Holder(built.assistant.reply, built.version)
        self._incoming = Alarm()
        self._outgoing = Alarm()
        self._intake = Intake(store, self._incoming, self._metrics, clock.now)
        self._processor = self._make_processor()

    async def parts(self) -> Parts:
        """Return all parts, ready to run. Raises AddressInUse, TokenRefused, Fault."""
        await offer_menu(self._bot)
        watcher = self._watcher()
        self._metrics.knowledge_is(self._built.version)
        self._metrics.reload_ok.set_function(lambda: watcher.trouble is None)
        poller = None if self._settings.telegram.webhook_url else self._make_poller()
        return Parts(
            processor=self._processor,
            sender=self._make_sender(),
            sources=(poller,) if poller else (),
            webs=() if poller else (await self._webhook(str(self._settings.telegram.webhook_url)),),
            upkeep=(Housekeeper(self._purge, self._metrics), watcher),
            watchers=self._monitors(poller),
            close=(self._bot.close_connections, self._store.close),
            speaking=(StoreError, TokenRefused, AddressInUse),
        )

    def _make_poller(self) -> Poller:
        return Poller(self._bot, self._channel, self._intake.keep)

    def _make_processor(self) -> Processor:
        return Processor(
            self._store,
            {self._channel.name: self._channel},
            self._holder,
            flood=Flood(),
            metrics=self._metrics,
            now=clock.now,
            alarm=self._incoming,
            outgoing=self._outgoing,
            sorry=phrase("sorry"),
        )

    def _make_sender(self) -> Sender:
        alone = self._store.dialect.one_writer
        return Sender(
            self._store,
            {self._channel.name: self._channel},
            pace=Pace(Limits(overall=self._settings.telegram.per_second)),
            metrics=self._metrics,
            now=clock.now,
            alarm=self._outgoing,
            worker=Worker(_worker_name()) if alone else SharingWorker(self._store, _worker_name),
            alone=alone,
            concurrency=_CONNECTIONS,
        )

    async def _webhook(self, url: str) -> Web:
        """Listen first, then tell Telegram where."""
        telegram = self._settings.telegram
        hook = Webhook(self._channel, self._intake.keep, self._webhook_secret)
        web = Web(
            Starlette(routes=[hook.route(urlsplit(url).path or "/")]), telegram.webhook_host, telegram.webhook_port
        )
        await set_webhook(self._bot, url, self._webhook_secret)
        return web

    async def _purge(self) -> dict[str, int]:
        return await purge(self._store, retention(self._settings), clock.now())

    def _watcher(self) -> KnowledgeWatcher:
        settings = self._settings
        return KnowledgeWatcher(
            settings.knowledge.folder, settings.index.folder, self._built.version, self._take_up, self._refuse
        )

    def _take_up(self, fresh: TakenUp) -> None:
        built = app.assemble(self._settings, fresh.knowledge, fresh.reader, fresh.version)
        self._holder.answer, self._holder.version = built.assistant.reply, built.version
        self._metrics.reloads.labels("taken-up").inc()
        self._metrics.knowledge_is(built.version)

    def _refuse(self, trouble: str) -> None:
        self._metrics.reloads.labels(trouble).inc()

    def _monitors(self, poller: Poller | None) -> tuple[Stoppable, ...]:
        where = self._settings.monitoring
        if where.port is None:
            return ()
        pages = Monitoring(
            self._store,
            self._metrics,
            now=clock.now,
            handled_until=lambda: self._processor.handled_until,
            last_poll=(lambda: poller.last_success) if poller else None,
        )
        return (Web(pages.app(), where.host, where.port),)
