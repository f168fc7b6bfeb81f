"""What people send besides text, with every field that the Bot API promises."""

from __future__ import annotations

from typing import Any

_FILE = {"file_id": "AwACAgUAAxkBAAIB", "file_unique_id": "AgADAQ", "file_size": 4096}
_PLACE = {"latitude": 29.29, "longitude": 106.25}

_KINDS: dict[str, Any] = {
    "voice": _FILE | {"duration": 3, "mime_type": "audio/ogg"},
    "photo": [_FILE | {"width": 90, "height": 60}, _FILE | {"width": 800, "height": 533}],
    "sticker": _FILE
    | {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"},
    "document": _FILE | {"file_name": "简历.docx", "mime_type": "application/msword"},
    "location": _PLACE,
    "video": _FILE | {"width": 640, "height": 360, "duration": 5},
    "audio": _FILE | {"duration": 60, "title": "录音"},
    "animation": _FILE | {"width": 320, "height": 240, "duration": 2},
    "video_note": _FILE | {"length": 240, "duration": 4},
    "venue": {"location": _PLACE, "title": "区残联", "address": "滨江路"},
    "dice": {"emoji": "🎲", "value": 4},
    "poll": {
        "id": "1",
        "question": "去不去？",
        "options": [{"persistent_id": "0", "text": "去", "voter_count": 0}],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    },
}


def attachment(kind: str) -> Any:
    """The field of a message that holds such a thing. ValueError for a kind it does not know."""
    if kind not in _KINDS:
        raise ValueError(f"no attachment {kind!r}; there are {sorted(_KINDS)}")
    return _KINDS[kind]
