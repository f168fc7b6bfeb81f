"""The second factor: a code from a telephone that changes every half minute (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
import io
import unicodedata
from datetime import datetime

import pyotp
import segno

_STEP = 30  # seconds, as all apps take it
_ISSUER = "zhucan"


def new_secret() -> str:
    """Return a secret, in the letters in which it can also be typed into an app."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """Return what an app has to be told: an ``otpauth://`` address."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def picture(address: str) -> str:
    """Return the address as a QR code: SVG to be put into a page, black on white in any colours of the page."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, scale=5, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return drawn.getvalue().decode()


def counter_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the number of the half minute that ``code`` belongs to, if it is this, the last or the next; else None.

    The caller has to see to it that each is used once.
    """
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    totp = pyotp.TOTP(secret)
    this = int(now.timestamp()) // _STEP
    found = [
        counter
        for counter in (this - 1, this, this + 1)
        if hmac.compare_digest(totp.generate_otp(counter).encode(), typed.encode("utf-8", "surrogatepass"))
    ]
    return found[-1] if found else None
