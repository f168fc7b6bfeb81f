"""A registration: what a person agreed to and answered, and the number it can be named by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Answer = str | tuple[str, ...]
"""What was answered to one field: words or the id of a choice, or the ids of several choices."""


@dataclass(frozen=True)
class Consent:
    """What the person was asked to agree to (``kind``: the id of the form's step), in which version of
    the text, whether they did, and when.
    """

    kind: str
    version: str
    agreed: bool
    at: datetime


@dataclass(frozen=True)
class Registration:
    """One person's registration.

    ``answers`` are by step id of the form; ``receipt`` is eight digits and a check digit.
    """

    receipt: str
    answers: Mapping[str, Answer]
    consents: tuple[Consent, ...]
    created: datetime
    updated: datetime

    @property
    def name(self) -> str:
        """What the registered person is called."""
        return str(self.answers.get("name", ""))
