"""parse_mode: text with marks to plain text, refused in Telegram's words where it can't be parsed.

Offsets in refusals are bytes, as with Telegram, so the parsers walk over bytes.
"""

from __future__ import annotations

import re

from .entities import units
from .refusal import RefusedError

TAGS = frozenset({"a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong"})
TAGS |= {"tg-emoji", "tg-spoiler", "tg-time", "u"}
ENTITIES = {b"lt": b"<", b"gt": b">", b"amp": b"&", b"quot": b'"'}
RESERVED = b"_*[]()~`>#+-=|{}.!"
NAMES = {b"*": "Bold", b"_": "Italic", b"__": "Underline", b"~": "Strikethrough", b"||": "Spoiler", b"`": "Code"}
NAMES |= {b"```": "Pre", b"[": "TextUrl", b"![": "CustomEmoji"}
BYTES_AT_MOST = 1 << 15


def plain(text: str, parse_mode: str) -> str:
    """What the person reads. RefusedError: "can't parse entities: …", "unsupported parse_mode", "text is too long"."""
    if len(text.encode("utf-8", "replace")) > BYTES_AT_MOST:
        raise RefusedError("text is too long")
    mode = parse_mode.lower()
    if not text or mode in ("", "none"):
        return text
    parsers = {"html": _html, "markdown": _markdown, "markdownv2": _markdown_v2}
    if mode not in parsers:
        raise RefusedError("unsupported parse_mode")
    return parsers[mode](text.encode()).decode("utf-8", "replace")


def too_long(text: str, most: int) -> bool:
    return units(text) > most


def _unparsable(words: str) -> RefusedError:
    return RefusedError(f"can't parse entities: {words}")


def _html(text: bytes) -> bytes:
    out = bytearray()
    open_tags: list[str] = []
    i = 0
    while i < len(text):
        if text[i : i + 1] == b"&":
            shown, i = _character(text, i)
            out += shown
        elif text[i : i + 1] != b"<":
            out.append(text[i])
            i += 1
        elif text[i + 1 : i + 2] == b"/":
            i = _end_tag(text, i, open_tags)
        else:
            i = _start_tag(text, i, open_tags)
    if open_tags:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]}"')
    return bytes(out)


def _character(text: bytes, at: int) -> tuple[bytes, int]:
    found = re.compile(rb"&(?:#x([0-9a-fA-F]{1,7})|#(\d{1,7})|([a-zA-Z]+));?").match(text, at)
    if found is None:
        return b"&", at + 1
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return (ENTITIES[name], found.end()) if name in ENTITIES else (b"&", at + 1)
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code == 0 or code >= 0x10FFFF:
        return b"&", at + 1
    return chr(code).encode("utf-8", "replace"), found.end()


def _start_tag(text: bytes, at: int, open_tags: list[str]) -> int:
    found = re.compile(rb"<([^\s>]*)").match(text, at)
    assert found is not None
    name = found.group(1).decode("utf-8", "replace").lower()
    if found.end() == len(text):
        raise _unparsable(f"Unclosed start tag at byte offset {at}")
    if name not in TAGS:
        raise _unparsable(f'Unsupported start tag "{name}" at byte offset {at}')
    end, given = _attributes(text, found.end(), name, at)
    if name == "span" and given.get("class") != "tg-spoiler":
        raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    open_tags.append(name)
    return end


def _attributes(text: bytes, i: int, tag: str, at: int) -> tuple[int, dict[str, str]]:
    blank, name = re.compile(rb"\s*"), re.compile(rb"[^\s=>]*")
    value = re.compile(rb"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9.\-]+)(?=[\s>])")
    given: dict[str, str] = {}
    while True:
        i = _end(blank, text, i)
        if text[i : i + 1] == b">":
            return i + 1, given
        start, i = i, _end(name, text, i)
        if i == len(text):
            raise _unparsable(f"Unclosed start tag at byte offset {at}")
        if i == start:
            raise _unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
        attribute, i = text[start:i].decode("utf-8", "replace").lower(), _end(blank, text, i)
        if text[i : i + 1] != b"=":
            said = "Expected equal sign in declaration of an attribute of the tag"
            raise _unparsable(f'{said} "{tag}" at byte offset {at}')
        i = _end(blank, text, i + 1)
        found = value.match(text, i)
        if found is None:
            quoted = text[i : i + 1] in (b"'", b'"', b"")
            said = f"Unclosed start tag at byte offset {at}"
            raise _unparsable(said if quoted else f"Unexpected end of name token at byte offset {i}")
        given[attribute] = next(g for g in found.groups() if g is not None).decode("utf-8", "replace")
        i = found.end()


def _end_tag(text: bytes, at: int, open_tags: list[str]) -> int:
    if not open_tags:
        raise _unparsable(f"Unexpected end tag at byte offset {at}")
    found = re.compile(rb"</([^\s>]*)\s*>").match(text, at)
    if found is None:
        raise _unparsable(f"Unclosed end tag at byte offset {at}")
    name = found.group(1).decode("utf-8", "replace").lower()
    wanted = open_tags.pop()
    if name not in ("", wanted):
        said = f'Unmatched end tag at byte offset {at}, expected "</{wanted}>", found "</{name}>"'
        raise _unparsable(said)
    return found.end()


def _end(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _markdown(text: bytes) -> bytes:
    """The old Markdown: no nesting."""
    out = bytearray()
    i = 0
    while i < len(text):
        mark = text[i : i + 1]
        if mark == b"\\" and text[i + 1 : i + 2] in (b"_", b"*", b"`", b"["):
            out += text[i + 1 : i + 2]
            i += 2
        elif mark in (b"_", b"*", b"`", b"["):
            i = _old_entity(text, i, out)
        else:
            out += mark
            i += 1
    return bytes(out)


def _old_entity(text: bytes, at: int, out: bytearray) -> int:
    mark = text[at : at + 1]
    if text.startswith(b"```", at):
        mark = b"```"
    closing = b"]" if mark == b"[" else mark
    end = text.find(closing, at + len(mark))
    if end < 0:
        raise _unparsable(f"Can't find end of the entity starting at byte offset {at}")
    out += text[at + len(mark) : end]
    after = end + len(closing)
    if mark == b"[" and text[after : after + 1] == b"(":
        close = text.find(b")", after)
        return len(text) if close < 0 else close + 1
    return after


class _MarkdownV2:
    """MarkdownV2: nested, and every reserved character outside an entity must be escaped."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.out = bytearray()
        self.open: list[tuple[bytes, int]] = []
        self.i = 0

    def parse(self) -> bytes:
        while self.i < len(self.text):
            self._step()
        if self.open:
            raise self._endless()
        return bytes(self.out)

    def _step(self) -> None:
        text, i = self.text, self.i
        following = text[i + 1 : i + 2]
        if text[i : i + 1] == b"\\" and following and 0 < following[0] <= 126:
            self._take(following, 2)
        elif self.open and text.startswith(self._closing(), i) and not self._underline_here():
            self._close()
        elif self.open and self.open[-1][0] in (b"`", b"```"):
            if text[i : i + 1] == b"`":
                raise self._reserved()
            self._take(text[i : i + 1], 1)
        elif text[i] in RESERVED:
            self._open_entity()
        else:
            self._take(text[i : i + 1], 1)

    def _take(self, shown: bytes, length: int) -> None:
        self.out += shown
        self.i += length

    def _closing(self) -> bytes:
        return self._closing_of(self.open[-1][0])

    def _underline_here(self) -> bool:
        """Two low lines inside italics begin an underline instead of ending the italics."""
        return self.open[-1][0] == b"_" and self.text.startswith(b"__", self.i)

    def _close(self) -> None:
        mark, _ = self.open.pop()
        self.i += len(self._closing_of(mark))
        if mark not in (b"[", b"!["):
            return
        if self.text[self.i : self.i + 1] != b"(":
            if mark == b"![":
                raise _unparsable("Custom emoji entity must contain a tg://emoji URL")
            return
        found = re.compile(rb"\((?:\\.|[^)\\])*\)").match(self.text, self.i)
        if found is None:
            what = "URL" if mark == b"[" else "custom emoji URL"
            raise _unparsable(f"Can't find end of a {what} at byte offset {self.i + 1}")
        self.i = found.end()

    @staticmethod
    def _closing_of(mark: bytes) -> bytes:
        return b"]" if mark in (b"[", b"![") else mark

    def _open_entity(self) -> None:
        if self._begins_quote():
            self.i += 1
            return
        for mark in (b"```", b"__", b"||", b"![", b"*", b"_", b"~", b"`", b"["):
            if self.text.startswith(mark, self.i):
                self.open.append((mark, self.i))
                self.i += len(mark)
                return
        raise self._reserved()

    def _begins_quote(self) -> bool:
        line_begins = self.i == 0 or self.text[self.i - 1 : self.i] == b"\n"
        return self.text[self.i : self.i + 1] == b">" and line_begins

    def _reserved(self) -> RefusedError:
        character = self.text[self.i : self.i + 1].decode()
        return _unparsable(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def _endless(self) -> RefusedError:
        mark, start = self.open[-1]
        return _unparsable(f"Can't find end of {NAMES[mark]} entity at byte offset {start}")


def _markdown_v2(text: bytes) -> bytes:
    return _MarkdownV2(text).parse()
