"""Where the console is: which names it answers to, and where its forms may come from."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

from bot.settings import StaffSettings

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches ``host``."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Addresses:
    """Checks where a request wants to go and where it comes from.

    With a public address only that is answered to; without one, only this machine, by any of its names. That keeps
    out pages of others that have their own name lead here.
    """

    def __init__(self, settings: StaffSettings) -> None:
        self._public = urlsplit(settings.public_url) if settings.public_url else None
        self._port = settings.port
        names = {settings.host} if is_loopback(settings.host) else set()
        self._names = _LOOPBACK_NAMES | {f"[{name}]" if ":" in name else name for name in names}

    @property
    def secure(self) -> bool:
        """Whether it is reached by https."""
        return self._public is not None

    @property
    def base(self) -> str:
        """The address that links from outside begin with."""
        return f"https://{self._public.netloc}" if self._public else f"http://127.0.0.1:{self._port}"

    def known(self, request: Request) -> bool:
        """Say whether ``request`` is for this console."""
        host = request.headers.get("host", "").lower()
        if self._public:
            return host in {self._public.netloc.lower(), f"{(self._public.hostname or '').lower()}:443"}
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        return name in self._names

    def own_page(self, request: Request) -> bool | None:
        """Say whether a page of the console sent the form; None when the browser does not tell."""
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if site not in {None, "same-origin", "none"}:
            return False
        if origin is not None:
            scheme = "https" if self.secure else "http"
            return origin.lower() == f"{scheme}://{request.headers.get('host', '').lower()}"
        return None if site is None else True
