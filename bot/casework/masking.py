"""What is left of a person's data where it need not be seen in full."""

from __future__ import annotations

import re

_CHINA = "+86"
_MOBILE = re.compile(r"1[0-9]{10}")
_LANDLINE = re.compile(r"(?P<area>10|2[0-9]|[3-9][0-9]{2})[0-9]{3,4}(?P<last>[0-9]{4})")
_SHOWN = 4


def masked_name(name: str) -> str:
    """Return the first character of ``name``, the rest as one star: how long the name is tells something too."""
    name = name.strip()
    return f"{name[0]}*" if name else ""


def masked_phone(canonical: str) -> str:
    """Return ``canonical`` (``+86…``) with its middle hidden; of what is no Chinese number only the end is left."""
    if not canonical:
        return ""
    national = canonical.removeprefix(_CHINA)
    if _MOBILE.fullmatch(national):
        return f"{national[:3]}****{national[-_SHOWN:]}"
    if landline := _LANDLINE.fullmatch(national):
        return f"0{landline['area']}-****{landline['last']}"
    return f"****{national[-_SHOWN:]}" if len(national) > 2 * _SHOWN else "****"
