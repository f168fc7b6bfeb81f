"""The style sheet and the script, from memory: there is no path that could lead to another file."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KINDS = MappingProxyType({"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"})
_FOR_EVER = "public, max-age=31536000, immutable"


class Files:
    """All files of ``static/``."""

    def __init__(self) -> None:
        found = [file for file in resources.files("bot.staff").joinpath("static").iterdir() if file.is_file()]
        self._content = {file.name: file.read_bytes() for file in found}
        self._version = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in self._content.items()}

    def address(self, name: str) -> str:
        """Return where the file is; it changes with the file, so that a browser may keep it."""
        return f"/static/{name}?{self._version[name]}"

    async def serve(self, request: Request) -> Response:
        """Answer with the file. Raises HTTPException where there is none."""
        name = request.path_params["name"]
        if name not in self._content:
            raise HTTPException(404)
        kept = _FOR_EVER if request.url.query == self._version[name] else "no-cache"
        kind = _KINDS[name.rpartition(".")[2]]
        return Response(self._content[name], media_type=kind, headers={"cache-control": kept})


@cache
def static_files() -> Files:
    """Return the files, read once."""
    return Files()
