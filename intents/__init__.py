"""How it understands: pure functions from text to :class:`Reading`; no files, no network."""

from intents.reader import Explanation, Reader
from intents.reading import Candidate, Reading

__all__ = ["Candidate", "Explanation", "Reader", "Reading"]
