"""Accounts of the staff from the command line, and the check of the audit."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import now
from bot.settings import BUILT_IN_KNOWLEDGE
from tests.command import Zhucan
from tests.conftest import DATA

LINK = re.compile(r"http://127\.0\.0\.1:8080/welcome/([\w-]{40,})\n")
CLERK = ("chen", "--name", "陈静", "--role", "clerk")


@pytest.fixture
def zhucan(zhucan: Zhucan) -> Zhucan:
    """With the towns of the real knowledge."""
    zhucan.environment["ZHUCAN_KNOWLEDGE__FOLDER"] = str(BUILT_IN_KNOWLEDGE)
    return zhucan


def listed(zhucan: Zhucan) -> list[list[str]]:
    return [line.split("\t") for line in zhucan("staff", "list").stdout.splitlines()]


def test_an_account_is_added_with_a_link_and_listed(zhucan: Zhucan) -> None:
    assert listed(zhucan) == []
    done = zhucan("staff", "add", *CLERK, "--town", "白沙", "--town", "德感街道", "--town", "白沙镇", "--teaches")
    assert LINK.fullmatch(done.stdout), done
    assert "七天" in done.stderr
    assert "管的镇街：白沙镇、德感街道\n" in done.stderr
    assert "工作台现在没有打开" in done.stderr
    boss = zhucan("staff", "add", "boss", "--name", "王", "--role", "admin", ZHUCAN_STAFF__ENABLED="true")
    assert (boss.returncode, "没有打开" in boss.stderr) == (0, False)
    assert listed(zhucan) == [
        ["boss", "王", "管理员", "", "还没登录过"],
        ["chen", "陈静", "经办人", "白沙镇、德感街道", "还没登录过、可以加问法"],
    ]


def test_the_link_leads_to_the_public_address(zhucan: Zhucan) -> None:
    public = {"ZHUCAN_STAFF__PUBLIC_URL": "https://zhucan.example.org/"}
    done = zhucan("staff", "add", "boss", "--name", "王", "--role", "admin", **public)
    assert done.stdout.startswith("https://zhucan.example.org/welcome/")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["add", *CLERK], "至少要有一个镇街"),
        (["add", *CLERK, "--town", "街道"], "请写全名"),
        (["add", *CLERK, "--town", "北京"], "没有这个镇街；有的是 几江街道"),
        (["add", *CLERK, "--town", ""], "没有这个镇街"),
        (["add", *CLERK, "--town", "沙"], "沙：看不出是哪个镇街，像的有白沙镇；请写全名"),
        (["add", *CLERK, "--town", "沙镇"], "请写全名"),
        (["add", "boss", "--name", "王", "--role", "admin", "--town", "白沙镇"], "只有经办人"),
        (["add", "boss", "--name", " ", "--role", "admin"], "请写上姓名"),
        (["add", "boss", "--name", "\u200b", "--role", "admin"], "请写上姓名"),
        (["add", "boss", "--name", "王" * 51, "--role", "admin"], "姓名最多 50 个字"),
        (["add", "a b", "--name", "王", "--role", "admin"], "2 到 32 个字母"),
        (["add", "boss", "--name", "王", "--role", "king"], "--role 不能写 king，只能写 admin、clerk、statistics；"),
        (["invite", "nobody"], "没有账号 nobody"),
        (["disable", "nobody"], "没有账号 nobody"),
        (["change", "nobody", "--name", "王"], "没有账号 nobody"),
        (["change", "nobody"], "没有说要改什么"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(zhucan: Zhucan, arguments: list[str], expected: str) -> None:
    done = zhucan("staff", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr.splitlines()[-1]
    assert listed(zhucan) == []


def test_where_there_is_no_account_it_is_said_how_to_make_one(zhucan: Zhucan) -> None:
    done = zhucan("staff", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "还没有账号。建第一个：zhucan staff add" in done.stderr


def test_a_login_is_given_once(zhucan: Zhucan) -> None:
    for expected in (0, 2):
        done = zhucan("staff", "add", *CLERK, "--town", "白沙")
        assert done.returncode == expected
    assert "已经有了" in done.stderr


def test_an_account_is_changed_closed_and_opened_again(zhucan: Zhucan) -> None:
    first = zhucan("staff", "add", *CLERK, "--town", "白沙").stdout
    assert zhucan("staff", "change", "chen", "--town", "双福", "--name", "陈静怡").returncode == 0
    assert listed(zhucan)[0][1:4] == ["陈静怡", "经办人", "双福街道"]
    assert zhucan("staff", "change", "chen", "--role", "statistics", "--teaches").returncode == 0
    assert listed(zhucan)[0][2:] == ["统计", "", "还没登录过、可以加问法"]
    assert "至少要有一个镇街" in zhucan("staff", "change", "chen", "--role", "clerk").stderr
    assert "姓名不能是空的" in zhucan("staff", "change", "chen", "--name", "\u202e").stderr
    assert zhucan("staff", "disable", "chen").returncode == 0
    assert listed(zhucan)[0][4] == "停用"
    assert "停用了" in zhucan("staff", "invite", "chen").stderr
    assert (
        "还没有设过密码，登录不了；要一个新链接：zhucan staff invite chen" in zhucan("staff", "enable", "chen").stderr
    )
    second = zhucan("staff", "invite", "chen").stdout
    assert LINK.fullmatch(second)
    assert second != first
    assert zhucan("staff", "reset-second-factor", "chen").returncode == 0


def test_a_change_is_on_record_only_where_there_is_one(zhucan: Zhucan) -> None:
    zhucan("staff", "add", *CLERK, "--town", "白沙")
    for _ in range(2):
        assert zhucan("staff", "change", "chen", "--role", "statistics").returncode == 0
    assert "操作记录 2 条" in zhucan("audit", "verify").stderr


def test_a_whole_audit_is_said_to_be_whole(zhucan: Zhucan) -> None:
    assert zhucan("audit", "verify").returncode == 0
    zhucan("staff", "add", *CLERK, "--town", "白沙")
    zhucan("staff", "disable", "chen")
    done = zhucan("audit", "verify")
    assert (done.returncode, done.stdout) == (0, "")
    assert "操作记录 2 条，都完好" in done.stderr
    today = f"{now():%Y-%m-%d}"
    assert re.search(rf"从 {today} \d\d:\d\d 起成链", done.stderr)


def test_the_record_is_held_against_an_end_from_the_log(zhucan: Zhucan) -> None:
    zhucan("staff", "add", *CLERK, "--town", "白沙")
    refused = zhucan("audit", "verify", "--end", "昨天")
    assert (refused.returncode, "--end" in refused.stderr) == (2, True)
    done = zhucan("audit", "verify", "--end", "1-abc")
    assert done.returncode == 1
    assert done.stdout.startswith("第 1 条和日志里记的末尾对不上")


def test_every_row_that_was_changed_removed_or_slipped_in_by_hand_is_named(zhucan: Zhucan) -> None:
    for n in range(6):
        zhucan("staff", "add", f"boss{n}", "--name", "王", "--role", "admin")
    database: Path = zhucan.folder / "data" / "zhucan.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE audit SET who = 'somebody' WHERE id = 2")
        connection.execute("DELETE FROM audit WHERE id IN (4, 5)")
        connection.execute(
            "INSERT INTO audit (who, what, subject, at) SELECT who, what, subject, at FROM audit LIMIT 1"
        )
        connection.commit()
    done = zhucan("audit", "verify")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "第 2 条被改过",
        "第 4 到 5 条被删了",
        "第 7 条不是程序记的，是后来塞进来的",
    ]
    assert "有 3 处不对" in done.stderr


def test_the_towns_are_those_of_the_knowledge_in_use(zhucan: Zhucan) -> None:
    done = zhucan("staff", "add", *CLERK, "--town", "双福街道", ZHUCAN_KNOWLEDGE__FOLDER=str(DATA / "tiny"))
    assert done.returncode == 2
