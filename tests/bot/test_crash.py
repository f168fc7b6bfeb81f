"""SIGKILL at random moments: everybody is answered, in order, and no registration is lost or there twice.

Run in full by `make crash`: at least 200 kills over at least 5,000 messages of 100 people.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from bisect import bisect
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.conversation.assistant import Assistant
from bot.store import Keys, Store
from tests.bot.crowd import Crowd, Member
from tests.program import Program
from tests.standin import BotApi
from tests.standin.chats import Sent

KILLS = int(os.environ.get("KILLS", "5"))
"""How often it is killed: a few times in the usual run, two hundred times in `make crash`."""
MESSAGES = max(26 * KILLS, 200)
PEOPLE = min(100, max(8, KILLS // 2))
SEED = int(os.environ.get("SEED", str(random.SystemRandom().randrange(10**6))))
PATIENCE = 120.0  # seconds
AT_START = 0.15  # the share of kills that fall into the start
LONGEST_LIFE = 1.6  # seconds after it began to poll


@dataclass
class Lives:
    """One life of the program after another; each ends with SIGKILL."""

    program: Program
    api: BotApi
    crowd: Crowd
    chance: random.Random
    begun: list[float] = field(default_factory=list)  # time.monotonic()
    killed: list[float] = field(default_factory=list)
    ready_after: list[float] = field(default_factory=list)  # seconds
    in_flight: list[int] = field(default_factory=list)  # replies owed when it was killed

    async def one(self) -> None:
        """Start it and kill it, while it starts or soon after."""
        await self.begin()
        if self.ready_after and self.chance.random() < AT_START:
            await asyncio.sleep(self.chance.uniform(0, self.ready_after[-1]))
        else:
            await self.ready()
            await asyncio.sleep(LONGEST_LIFE * self.chance.random())
        assert self.program.is_running, self.program.log.read_text()[-2000:]
        self.in_flight.append(self.crowd.expected - sum(len(member.heard) for member in self.crowd.members))
        self.killed.append(time.monotonic())
        await self.program.kill()

    async def begin(self) -> None:
        self.begun.append(time.monotonic())
        await self.program.start()

    async def ready(self) -> None:
        """Wait until it polls, or has taken something and answers."""
        began = self.begun[-1]
        async with asyncio.timeout(PATIENCE):
            while not any(call.time > began for call in self.api.calls_of("getUpdates")) and not self.api.queue.polled:
                assert self.program.is_running, self.program.log.read_text()[-2000:]
                await asyncio.sleep(0.01)
        self.ready_after.append(time.monotonic() - began)

    def kill_after(self, sent: Sent) -> int:
        """Return the number of the first kill after a message was sent (or just about then)."""
        next_life = bisect(self.begun, sent.time)
        return min(next_life, len(self.killed)) - 1

    def is_between_lives(self, first: Sent, again: Sent) -> bool:
        """Whether the program was started anew between the two copies of a message."""
        return any(first.time < began < again.time for began in self.begun)


@dataclass
class Talk:
    """People talk, now and then several at once, until ``so_far`` messages have been said in all.

    Many wait for an answer before they go on, so while the program is down they may fall behind.
    """

    crowd: Crowd
    chance: random.Random
    so_far: int = 0

    async def run(self) -> None:
        while self.crowd.said < MESSAGES:
            for _ in range(self.chance.choice((1, 1, 2, 5))):
                if self.crowd.said < self.so_far:
                    self.crowd.goes_on()
            await asyncio.sleep(self.chance.uniform(0, 0.12))


async def test_nobody_stays_unanswered_and_no_registration_is_lost_or_doubled(
    api: BotApi, tmp_path: Path, index_folder: Path, assistant: Assistant
) -> None:
    chance = random.Random(SEED)
    crowd = Crowd(api, assistant, PEOPLE, SEED)
    program = Program(api, tmp_path, index_folder)
    lives = Lives(program, api, crowd, chance)
    talk = Talk(crowd, chance)
    talking = asyncio.create_task(talk.run())
    try:
        for kill in range(1, KILLS + 1):
            talk.so_far = MESSAGES * kill // KILLS
            await lives.one()
        await lives.begin()
        await lives.ready()
        async with asyncio.timeout(PATIENCE):
            await talking
        await everybody_is_answered(crowd)
        assert await program.stop() == 0
    finally:
        talking.cancel()
        await program.kill()
    await check(crowd, lives, program, tmp_path)


async def everybody_is_answered(crowd: Crowd) -> None:
    """Wait for it as long as answers come: who has said much while the program was down gets one a second."""
    heard, until = -1, 0.0
    while waiting := crowd.unanswered:
        if heard != (heard := crowd.heard):
            until = time.monotonic() + PATIENCE
        assert time.monotonic() < until, "\n".join(map(_short, waiting))
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)  # a reply too many would come now


def _short(member: Member) -> str:
    return f"{member.chat}: {len(member.heard)} of {len(member.expected)} replies to {member.said} messages"


async def check(crowd: Crowd, lives: Lives, program: Program, folder: Path) -> None:
    database = folder / "data" / "zhucan.db"
    keys = Keys.open(folder / "keys" / "zhucan.key", lambda _: None)
    async with await Store.open(f"sqlite:///{database}", keys) as store:
        figures = await crowd.check(store)
    repeats = [pair for member in crowd.members for pair in member.repeats]
    for first, again in repeats:
        assert lives.is_between_lives(first, again), f"repeated without a kill: {first}"
    with closing(sqlite3.connect(database)) as connection:
        check_the_books(connection, crowd, figures)
    unsaid = [line for line in program.log_lines if line["level"] in ("error", "critical")]
    assert not unsaid, unsaid[:3]
    ready = sorted(lives.ready_after)
    owed = f"replies owed at a kill: {sum(map(bool, lives.in_flight))} times some, {sum(lives.in_flight)} in all"
    print(f"\nkills {KILLS}, people {PEOPLE}, seed {SEED}: {figures}; {owed}")
    print(f"deeds: {dict(sum((member.acts for member in crowd.members), Counter()))}")
    at_once = Counter(lives.kill_after(first) for first, _ in repeats)
    unnoted = sorted(lives.killed[lives.kill_after(first)] - first.time for first, _ in repeats)
    print(f"repeats: {len(repeats)}, after {len(at_once)} of the kills, {max(at_once.values(), default=0)} at most")
    if repeats:
        print(f"sent and not yet noted for {unnoted[len(unnoted) // 2]:.2f} s (median), {unnoted[-1]:.2f} s at most")
    if ready:
        print(f"from start to the first poll: median {ready[len(ready) // 2]:.2f} s, longest {ready[-1]:.2f} s")


def check_the_books(connection: sqlite3.Connection, crowd: Crowd, figures: dict[str, int]) -> None:
    """Each message was handled once, each of its replies was written once: more came of nothing but sending."""

    def counted(table: str, by: str, where: str = "1") -> dict[object, int]:
        return dict(connection.execute(f"SELECT {by}, count(*) FROM {table} WHERE {where} GROUP BY 1").fetchall())

    assert counted("inbox", "finished IS NULL") == {0: crowd.said}
    assert counted("inbox", "chat") == {member.chat: member.said for member in crowd.members if member.said}
    assert counted("outbox", "outcome") == {"sent": crowd.expected}
    assert counted("outbox", "chat") == {member.chat: len(member.expected) for member in crowd.members if member.said}
    assert not counted("dead_letters", "chat")
    assert sum(counted("registrations", "receipt").values()) == figures["registrations left"]
    done = counted("audit", "what")
    assert [done.get(what, 0) for what in ("registered", "deleted")] == [figures["registered"], figures["deleted"]]
    assert done.get("changed", 0) <= figures["changed"]  # what is changed to what it was is not noted
    deleted = connection.execute("SELECT sum(n) FROM tallies WHERE what = 'registration-deleted'").fetchone()
    assert (deleted[0] or 0) == figures["deleted"]
