"""What may be told of an exception: class and place. Never its text, which may hold what a person wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb

_ROOT = Path(__file__).resolve().parents[2]
_ROOMS = tuple(str(_ROOT / room) + "/" for room in ("bot", "intents", "knowledge"))
_DEEPEST = 8  # exceptions behind one another
_WIDEST = 5  # exceptions beside one another
_PLACES = 6


def told(error: BaseException) -> dict[str, object]:
    """Return ``error`` (the classes, the outer one first) and ``at`` (file:line in our own code, innermost last)."""
    chain = list(_chain(error))
    places = next((places for each in chain[::-1] if (places := _ours(each))), None) or _last(error)
    fields: dict[str, object] = {"error": " < ".join(class_of(each) for each in chain), "at": places}
    if isinstance(error, BaseExceptionGroup):
        fields["errors"] = [told(each) for each in error.exceptions[:_WIDEST]]
    return fields


def class_of(error: BaseException) -> str:
    """Return the name of the exception's class, with the module unless Python's own."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(_DEEPEST):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _frames(error: BaseException) -> list[tuple[str, int]]:
    return [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]


def _ours(error: BaseException) -> list[str]:
    """The last places in our own code that the exception passed."""
    ours = [(file, line) for file, line in _frames(error) if file.startswith(_ROOMS)]
    return [f"{Path(file).relative_to(_ROOT).as_posix()}:{line}" for file, line in ours[-_PLACES:]]


def _last(error: BaseException) -> list[str]:
    return [f"{Path(file).name}:{line}" for file, line in _frames(error)[-1:]]
