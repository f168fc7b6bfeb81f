"""What can go wrong while understanding is prepared."""

from __future__ import annotations


class NothingToLearnError(Exception):
    """The knowledge holds no sample question at all."""
