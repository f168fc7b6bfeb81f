"""The staff console with invented people, in a process beside the chat of somebody who has no settings yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server, socket
from typing import BinaryIO

from bot.casework.account import Role
from bot.os_faults import why
from bot.settings import Settings, demo_folder
from bot.staff import demo
from bot.staff.demo_cases import words

HOST = "127.0.0.1"
_PATIENCE = 3  # seconds
_ROLES = {Role.ADMIN: "管理员，什么都能看", Role.CLERK: "经办人，管几个镇街", Role.STATISTICS: "统计，只看数字"}
Say = Callable[[str], None]


@contextmanager
def beside_the_chat(settings: Settings, say: Say) -> Iterator[None]:
    """Serve the demo as long as the chat lasts, and ``say`` how to get there.

    The chat need not wait: whoever opens the page before all is ready waits in the browser. Without a demo the chat
    goes on alone.
    """
    try:
        child = _started(settings, say)
    except OSError as error:
        say(f"演示工作台打不开（{why(error)}），不影响聊天。\n")
        yield
        return
    try:
        yield
    finally:
        _end(child)


def how_to_sign_in(taken: socket, place: demo.Place) -> str:
    """Return what a newcomer needs to know of the demo at ``place``, whose console listens at ``taken``."""
    logins: dict[Role, str] = {}
    for account in words()["accounts"]:
        logins.setdefault(Role(account["role"]), account["login"])
    return (
        f"工作人员用的工作台（演示，里面的人和事全是编的）：http://{HOST}:{port_of(taken)}\n"
        f"登录名：{'、'.join(f'{logins[role]}（{what}）' for role, what in _ROLES.items())}\n"
        f"密码都是：{place.passphrase()}"
    ) + ("" if place.is_filled() else "\n头一次打开要等十几秒，资料还在编。")


def free_address(settings: Settings) -> socket:
    """Take the usual port of the console, or any other. Raises OSError."""
    try:
        return create_server((HOST, settings.staff.port))
    except OSError:
        return create_server((HOST, 0))


def port_of(taken: socket) -> int:
    """Return the port of an address."""
    port: int = taken.getsockname()[1]
    return port


def _started(settings: Settings, say: Say) -> subprocess.Popen[bytes]:
    place = demo.Place(demo_folder())
    place.passphrase()  # so that the folder is there
    with free_address(settings) as taken, _log(place.folder / "console.log") as log:
        child = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "bot", "demo", "--serve"),
                *("--folder", str(place.folder), "--socket", str(taken.fileno())),
            ],
            # It finds this program where this process found it.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[taken.fileno()],
            start_new_session=True,  # Ctrl-C is for the chat, which ends this too
        )
        say(how_to_sign_in(taken, place))
    say("下面聊天时登记的人存在您自己的数据库里，不会进演示。退出聊天，演示也就关了。\n")
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    child.terminate()
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _log(file: Path) -> BinaryIO:
    return open(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
