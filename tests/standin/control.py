"""The person's side over HTTP, for a stand-in that runs as a process of its own. All bodies and answers are JSON.

POST /control/person {"id": 7, "do": "say", "with": ["/start"], "named": {}}   → {"result": update id}
GET  /control/sent?since=0                → {"result": [{"chat_id": …, "text": …, "buttons": [[words, data], …]}, …]}
POST /control/fault {"kind": "too_many", "named": {"retry_after": 2, "chat": 7}}; kind "clear" ends all faults
GET  /control/state                       → {"result": {"pending": …, "sent": …, "calls": …, "webhook": …}}
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .api import BotApi
from .chats import Json, Sent
from .wire import Request, Response

DEEDS = frozenset({"say", "tap", "forge", "edit", "send_contact", "send", "block", "unblock"})
FAULTS = frozenset({"too_many", "server_error", "refuse", "unauthorized", "conflict", "drop", "hang", "slow", "clear"})


class Control:
    """`api.control = Control(api)` turns it on."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._verbs: dict[str, Callable[[Json], Any]] = {
            "person": self._person,
            "sent": self._sent,
            "fault": self._fault,
            "state": self._state,
        }

    def __call__(self, path: str, request: Request) -> Response:
        """Answers 400 with the reason when it can't be done."""
        verb, query = path, request.target.partition("?")[2]
        try:
            asked = json.loads(request.body) if request.body else dict(p.split("=", 1) for p in query.split("&") if p)
            return _json(200, {"result": self._verbs[verb](asked)})
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})

    def _person(self, asked: Json) -> Any:
        person = self._api.person(int(asked["id"]))
        if asked["do"] not in DEEDS:
            raise LookupError(f"no deed {asked['do']!r}; there are {sorted(DEEDS)}")
        return getattr(person, asked["do"])(*asked.get("with", ()), **asked.get("named", {}))

    def _sent(self, asked: Json) -> Any:
        return [_shown(sent) for sent in self._api.sent[int(asked.get("since", 0)) :]]

    def _fault(self, asked: Json) -> Any:
        if asked["kind"] not in FAULTS:
            raise LookupError(f"no fault {asked['kind']!r}; there are {sorted(FAULTS)}")
        getattr(self._api.faults, asked["kind"])(**asked.get("named", {}))
        return len(self._api.faults.active)

    def _state(self, asked: Json) -> Any:
        api = self._api
        webhook = api.webhook.settings.url if api.webhook else ""
        return {"pending": api.pending, "sent": len(api.sent), "calls": len(api.calls), "webhook": webhook}


def _shown(sent: Sent) -> Json:
    return {
        "chat_id": sent.chat_id,
        "message_id": sent.message_id,
        "text": sent.text,
        "buttons": [[button.text, button.data] for button in sent.buttons],
        "document": sent.document.name if sent.document else None,
        "time": sent.time,
    }


def _json(status: int, answer: Json) -> Response:
    return Response(status, json.dumps(answer, ensure_ascii=False).encode())
