"""What was posted with a form: read once, with limits, and taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MOST_BYTES = 256 * 1024
_MOST_FIELDS = 1000
_FORM = "application/x-www-form-urlencoded"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

CSRF, KEPT = "csrf", "kept"
LIST, THEN, LOOKED = ALONG = ("list", "then", "looked")
"""What the forms and links of a case carry along: through which list it was come to, what follows, a look at the
telephone.
"""
SHOWN_WITH = frozenset({"version", "seen"})
"""Fields in which a form says how things stood when it was shown."""
ABOUT = SHOWN_WITH | {"ids", "filter"}
"""All fields that are kept with what was typed, and that nobody sees: they say what the form is about."""
SECRETS = frozenset({"passphrase", "current", "again", "code"})
"""Fields that are never kept and never shown again."""
_NOT_TYPED = frozenset({CSRF, KEPT, *ALONG, "next", "first", "carried", "username"})


class Posted:
    """The fields of a form, in order. A field may come several times; what is not there reads as empty."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in pairs:
            self._fields.setdefault(clean(name), []).append(clean(value).replace("\r\n", "\n"))

    def text(self, name: str) -> str:
        """Return what was typed into the field, without the space around it."""
        return self._fields.get(name, [""])[0].strip()

    def raw(self, name: str) -> str:
        """Return what was typed into the field as it is: a passphrase may begin with a space."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Return all that was ticked."""
        return tuple(self._fields.get(name, ()))

    def flag(self, name: str) -> bool:
        """Say whether the box was ticked."""
        return bool(self.text(name))

    def day(self, name: str) -> date | None:
        """Return the day, None if none was given. Raises ValueError for what is none."""
        text = self.text(name)
        return date.fromisoformat(text) if text else None

    @property
    def typed(self) -> Mapping[str, tuple[str, ...]]:
        """What a person typed or chose, without secrets and without what the page itself put in."""
        return {name: tuple(values) for name, values in self._fields.items() if name not in _NOT_TYPED | SECRETS}

    @property
    def along(self) -> Mapping[str, str]:
        """What the form carried along."""
        return {name: self.text(name) for name in ALONG if self.text(name)}


def clean(text: str) -> str:
    """Return ``text`` without what nobody can type and no database takes."""
    return _CONTROLS.sub("", text)


async def read(request: Request) -> Posted:
    """Return what ``request`` carries. Raises HTTPException for what is too much, or no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(415)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise HTTPException(413)
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return Posted(pairs)


def addressed(path: str, fields: Mapping[str, str]) -> str:
    """Return the address ``path`` with ``fields`` behind its question mark."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode(fields)}" if fields else path


def local_path(text: str) -> str:
    """Return ``text`` if it is an address within the console, else the start page: nobody is sent elsewhere."""
    if not text.isprintable() or "\\" in text or not text.startswith("/") or text.startswith("//"):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else text
