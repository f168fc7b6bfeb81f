"""A strict stand-in for the Telegram Bot API server, on loopback, with the person's side of every chat.

async with BotApi() as api:            # api.base_url and api.token go into the bot's settings
    person = api.person(name="王芳")
    person.say("/start")
    menu = await person.hears(timeout=5)
    person.tap("找工作", menu)         # by the button's words or its data
    with api.faults.too_many(chat=person.id, retry_after=2):
        ...
"""

from .api import BotApi, Call
from .chats import Button, Document, Sent
from .faults import Fault, Faults
from .flood import FloodLimits
from .people import Group, Person

__all__ = ["BotApi", "Button", "Call", "Document", "Fault", "Faults", "FloodLimits", "Group", "Person", "Sent"]
