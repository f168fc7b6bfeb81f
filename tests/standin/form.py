"""The arguments of a call, from a query string, a form, JSON or multipart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .refusal import RefusedError
from .wire import Request

TRUE = {"true", "yes", "1"}


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class Arguments:
    """Every value as text, as the Bot API takes it, and the uploaded files."""

    values: Mapping[str, str]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0, least: int = -(2**31), most: int = 2**31 - 1) -> int:
        """The number, held between least and most; nonsense counts as 0, as it does with Telegram."""
        value = self.values.get(name)
        if value is None:
            return default
        found = re.match(r"-?\d+", value)
        return min(max(int(found.group()) if found else 0, least), most)

    def truth(self, name: str) -> bool:
        return self.values.get(name, "").lower() in TRUE

    def json(self, name: str, what: str) -> Any:
        """The JSON in it; None when there is none. RefusedError when it can't be read."""
        value = self.values.get(name)
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise RefusedError(f"can't parse {what} JSON object") from None


def arguments(request: Request, query: str) -> Arguments:
    """Reads whichever form the body has. RefusedError for a body that is not what it claims to be."""
    values = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "")
    if not request.body:
        return Arguments(values)
    if kind.startswith("application/x-www-form-urlencoded"):
        values |= _urlencoded(request.body)
    elif kind.startswith("application/json"):
        values |= _from_json(request.body)
    elif kind.startswith("multipart/form-data"):
        _multipart(request.body, kind, values, files)
    return Arguments(values, files)


def _urlencoded(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise RefusedError("strings must be encoded in UTF-8") from None


def _from_json(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body)
    except ValueError:
        raise RefusedError("can't parse request body as JSON object") from None
    if not isinstance(found, dict):
        raise RefusedError("request body must be a JSON object")
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in found.items()
        if value is not None
    }


def _multipart(body: bytes, kind: str, values: dict[str, str], files: dict[str, Upload]) -> None:
    found = re.search(r'boundary="?([^";]+)"?', kind)
    if not found:
        raise RefusedError("can't find boundary in multipart request")
    for part in body.split(b"--" + found.group(1).encode())[1:-1]:
        head, _, content = part[2:-2].partition(b"\r\n\r\n")
        said = head.decode("utf-8", "replace")
        name = re.search(r'\bname="([^"]*)"', said)
        file_name = re.search(r'filename="([^"]*)"', said)
        content_type = re.search(r"(?im)^content-type:\s*(\S+)", said)
        if name is None:
            continue
        if file_name is None:
            values[name.group(1)] = content.decode("utf-8", "strict")
        else:
            mime = content_type.group(1) if content_type else "application/octet-stream"
            files[name.group(1)] = Upload(file_name.group(1), content, mime)
