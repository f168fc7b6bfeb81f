"""What the service says about itself: one JSON object a line, or plain lines in a terminal.

Never in it: what people write, their names and phones, secrets. Our own code logs numbers and classes only; what
libraries log is cut to its first line, exceptions are told by class and place, and secrets are struck out of
every line at the very end.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, unquote, urlsplit

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.service.faults import class_of, told

_QUIET = (
    "aiohttp",
    "httpx",
    "httpcore",
    "telegram",
    "sqlalchemy",
    "aiosqlite",
    "asyncio",
    "asyncpg",
    "alembic",
    "jieba",
    "hpack",
    "uvicorn",  # says nothing of which of our servers it is
)
_LONGEST = 500  # characters of what a library says
_SHORTEST_SECRET = 6  # anything shorter would strike out common words
_STRUCK_OUT = "[secret]"

_log = structlog.stdlib.get_logger(__name__)


def set_up(
    secrets: Iterable[str] = (),
    *,
    stream: TextIO | None = None,
    plain: bool | None = None,
    level: int = logging.INFO,
) -> None:
    """Set up all logging of the process, to ``stream`` (standard error).

    ``secrets`` (tokens, passwords, addresses with a password) are struck out wherever they turn up. ``plain``: lines
    for people instead of JSON; by default where the stream is a terminal.
    """
    target = stream or sys.stderr
    lines = target.isatty() if plain is None else plain
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(lines, Redaction(secrets)))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    _route("uvicorn", "uvicorn.error", "uvicorn.access")
    logging.raiseExceptions = False  # what could not be logged is not to be printed raw
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def tell_of_loop_faults(loop: asyncio.AbstractEventLoop) -> None:
    """Have ``loop`` log what nobody caught by class and place; its own way would print the exception's text."""
    loop.set_exception_handler(_loop_fault)


class Redaction:
    """Strikes ``secrets`` out of text, also as they look in an address or in JSON."""

    def __init__(self, secrets: Iterable[str]) -> None:
        parts = {part for secret in secrets for part in _parts(secret) if len(part) >= _SHORTEST_SECRET}
        looks = {look for part in parts for look in (part, quote(part, safe=""), quote(part), _in_json(part))}
        self._looks = sorted(looks, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        for look in self._looks:
            text = text.replace(look, _STRUCK_OUT)
        return text


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(
        self, redact: Callable[[str], str], processors: Collection[Processor], shared: list[Processor]
    ) -> None:
        super().__init__(processors=list(processors), foreign_pre_chain=shared)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(_harmless(record)))


def _formatter(plain: bool, redact: Callable[[str], str]) -> logging.Formatter:
    render: Processor = (
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
        if plain
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=repr)
    )
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return _RedactingFormatter(redact, [remove_meta, _exception_by_place, render], _shared())


def _shared() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _exception_by_place(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put class and place in the stead of a traceback, which ends in the exception's text."""
    info: Any = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event.update(told(error))
    return event


def _harmless(record: logging.LogRecord) -> logging.LogRecord:
    """Return a library's record without the text of exceptions and without further lines, which may quote anything."""
    if isinstance(record.msg, dict):  # our own, made by structlog
        return record
    safe = logging.makeLogRecord(record.__dict__)
    safe.msg, safe.args = _first_line(record), ()
    safe.exc_text = safe.stack_info = None
    return safe


def _first_line(record: logging.LogRecord) -> str:
    if isinstance(record.msg, BaseException):
        return class_of(record.msg)
    arguments = record.args
    if isinstance(arguments, tuple):
        arguments = tuple(class_of(each) if isinstance(each, BaseException) else each for each in arguments)
    try:
        text = str(record.msg) % arguments if arguments else str(record.msg)
    except Exception:
        text = str(record.msg)
    return text.partition("\n")[0][:_LONGEST]


def _route(*names: str) -> None:
    """Send what these loggers say to the root's handler instead of their own."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _parts(secret: str) -> tuple[str, ...]:
    """What of a secret is secret by itself: of a token what comes after its number, of an address its password."""
    if "://" in secret:
        return (secret, unquote(password), password) if (password := _password(secret)) else ()
    return secret, secret.partition(":")[2]


def _password(address: str) -> str:
    try:
        return urlsplit(address).password or ""
    except ValueError:  # no address after all
        return address


def _in_json(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    _log.critical("uncaught", **told(error.with_traceback(traceback)))


def _loop_fault(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    fields = told(error) if isinstance(error, BaseException) else {}
    _log.error(str(context.get("message", "fault in the event loop")).partition("\n")[0], **fields)
