"""Builds the service from the settings, and runs it: the bot on Telegram, the staff console, or both."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from socket import socket

from bot import app, clock
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.faults import TokenRefused
from bot.conversation.forms import load_form
from bot.service import logs
from bot.service.answering import Holder
from bot.service.housekeeping import Housekeeper
from bot.service.metrics import Metrics
from bot.service.monitoring import Monitoring
from bot.service.reload import KnowledgeWatcher, TakenUp
from bot.service.running import Parts, Stoppable, run
from bot.service.serving import AddressInUse, Web
from bot.serving_telegram import Telegram
from bot.settings import Settings, SettingsError, StaffSettings
from bot.staff import demo
from bot.staff.addresses import is_loopback
from bot.staff.console import build_console
from bot.staff.visit import ConsoleParts
from bot.storage import open_store, retention
from bot.store import Store, StoreError
from bot.store.housekeeping import purge


async def serve(
    settings: Settings,
    token: str | None,
    say: Callable[[str], None],
    console_at: socket | None = None,
    *,
    alone: bool = True,
) -> int:
    """Run the bot on Telegram if there is a ``token``, and the staff console if it is enabled, until asked to stop.

    Return the status to exit with. ``say`` is told what whoever starts it should know. ``console_at``: where the
    console listens, if somebody took an address for it before; ``alone``: on SQLite as the only process that serves.
    Raises SettingsError, KnowledgeError, StoreError, StoreUnavailable, TokenRefused, AddressInUse.
    """
    if settings.staff.enabled:
        _refuse_open_doors(settings.staff)
    webhook_secret = settings.telegram.webhook_secret
    hook_secret = webhook_secret.get_secret_value() if webhook_secret else secrets.token_urlsafe(32)
    logs.set_up(
        [*([token] if token else []), hook_secret, settings.store.url.get_secret_value()],
        plain=None if settings.log.json_lines is None else not settings.log.json_lines,
        level=logging.getLevelNamesMapping()[settings.log.level.upper()],
    )
    built = app.build(settings, say)
    async with AsyncExitStack() as opened:
        store = await open_store(settings, say, alone=alone)
        opened.push_async_callback(store.close)
        service = _Service(settings, built, store, [TelegramChannel.name] if token else [])
        console = await service.console(say, console_at) if settings.staff.enabled else None
        telegram = await service.telegram(token, hook_secret, opened) if token else None
        parts = await service.parts(telegram, console)
        opened.pop_all()
    return await run(parts)


def _refuse_open_doors(staff: StaffSettings) -> None:
    """Passphrases and personal data must not travel in the clear: without https only this machine is served."""
    if staff.public_url is None and not is_loopback(staff.host):
        raise SettingsError(
            f"设置 staff.host = {staff.host!r} 会让别的机器不加密就能打开工作台；请改回 127.0.0.1，"
            "或者在前面放一个带 https 的代理，再把它的地址写到 staff.public_url"
        )


class _Service:
    """What every service has, and the assistant in use."""

    def __init__(self, settings: Settings, built: app.App, store: Store, channels: Sequence[str]) -> None:
        self._settings = settings
        self._built = built
        self._store = store
        self._has_bot = bool(channels)
        self._metrics = Metrics(channels)
        self._holder = Holder(built.assistant.reply, built.version)
        self._watcher = self._watching()

    async def console(self, say: Callable[[str], None], taken: socket | None) -> Web:
        """Return the staff console, listening already. Raises AddressInUse."""
        staff = self._settings.staff
        form = load_form(app.JOBSEEKER)
        parts = ConsoleParts(
            self._settings,
            self._store,
            lambda: self._built,
            form,
            clock.now,
            trouble=lambda: self._watcher.trouble,
            demo=await demo.is_demo(self._store),
            has_bot=self._has_bot,
        )
        web = Web(build_console(parts), staff.host, staff.port, taken, name="console", setting="staff.port")
        say(f"工作台：{staff.public_url or f'http://{staff.host}:{web.port}'}")
        return web

    async def telegram(self, token: str, webhook_secret: str, opened: AsyncExitStack) -> Telegram:
        """Return the bot, known to Telegram. Raises TokenRefused, Fault."""
        return await Telegram.open(
            self._settings, token, webhook_secret, self._store, self._holder, self._metrics, opened
        )

    async def parts(self, telegram: Telegram | None, console: Web | None) -> Parts:
        """Return all parts, ready to run. Raises AddressInUse, TokenRefused, Fault."""
        watcher = self._watcher
        self._metrics.knowledge_is(self._built.version)
        self._metrics.reload_ok.set_function(lambda: watcher.trouble is None)
        webhook = await telegram.webhook() if telegram else None
        return Parts(
            processor=telegram.processor if telegram else None,
            sender=telegram.sender if telegram else None,
            sources=telegram.sources if telegram else (),
            webs=tuple(web for web in (webhook, console) if web),
            upkeep=(Housekeeper(self._purge, self._metrics), watcher, *((telegram.morning,) if telegram else ())),
            watchers=self._monitors(telegram),
            close=(*((telegram.close,) if telegram else ()), self._store.close),
            speaking=(StoreError, TokenRefused, AddressInUse),
        )

    async def _purge(self) -> dict[str, int]:
        return await purge(self._store, retention(self._settings), clock.now())

    def _watching(self) -> KnowledgeWatcher:
        settings = self._settings
        return KnowledgeWatcher(
            settings.knowledge.folder,
            settings.index.folder,
            self._built.version,
            self._take_up,
            self._refuse,
            overlay=settings.knowledge.overlay,
        )

    def _take_up(self, fresh: TakenUp) -> None:
        self._built = app.assemble(self._settings, fresh.knowledge, fresh.reader, fresh.version)
        self._holder.answer, self._holder.version = self._built.assistant.reply, self._built.version
        self._metrics.reloads.labels("taken-up").inc()
        self._metrics.knowledge_is(self._built.version)

    def _refuse(self, trouble: str) -> None:
        self._metrics.reloads.labels(trouble).inc()

    def _monitors(self, telegram: Telegram | None) -> tuple[Stoppable, ...]:
        where = self._settings.monitoring
        if where.port is None:
            return ()
        pages = Monitoring(
            self._store,
            self._metrics,
            now=clock.now,
            handled_until=telegram.handled_until if telegram else clock.now,
            last_poll=telegram.last_poll if telegram else None,
        )
        return (Web(pages.app(), where.host, where.port, name="monitoring", setting="monitoring.port"),)
