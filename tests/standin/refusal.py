"""How the Bot API says no."""

from __future__ import annotations

from collections.abc import Mapping

PREFIXES = {400: "Bad Request: ", 403: "Forbidden: ", 404: "Not Found: ", 409: "Conflict: "}


class RefusedError(Exception):
    """The call has no effect and is answered with this code and Telegram's own words."""

    def __init__(self, words: str, code: int = 400, **parameters: int) -> None:
        super().__init__(words)
        self.code = code
        self.description = PREFIXES.get(code, "") + words
        self.parameters: Mapping[str, int] = parameters

    @classmethod
    def too_many(cls, retry_after: int) -> RefusedError:
        return cls(f"Too Many Requests: retry after {retry_after}", 429, retry_after=retry_after)

    @classmethod
    def unauthorized(cls) -> RefusedError:
        return cls("Unauthorized", 401)
