"""The command line as a whole process, and what bad input gets."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.command import Zhucan
from tests.conftest import DATA
from tests.knowledge.test_loading import spoil


def test_ask_answers_one_question(zhucan: Zhucan) -> None:
    done = zhucan("ask", "摊位费能不能减免")
    assert done.returncode == 0
    assert done.stdout.startswith("在社区摆摊，可以问能不能少收摊位费。\n方案原文（一（一）1）")


def test_ask_easy_answers_in_easy_words(zhucan: Zhucan) -> None:
    assert zhucan("ask", "摊位费能不能减免", "--easy").stdout.startswith("摆摊可以少收钱。")


def test_ask_json_keeps_its_contract(zhucan: Zhucan) -> None:
    answer = json.loads(zhucan("ask", "摊位费能不能减免", "--json").stdout)
    assert list(answer) == ["question", "kind", "topic", "choices", "action", "score", "candidates"]
    assert (answer["kind"], answer["topic"], answer["choices"], answer["action"]) == ("answer", "stall-rent", [], None)
    assert answer["candidates"][0] == ["stall-rent", answer["score"]]
    assert len(answer["candidates"]) == 5


def test_a_batch_is_answered_line_by_line_as_it_stands(zhucan: Zhucan) -> None:
    lines = ["摊位费能不能减免", "", "  我要跟真人说话 ", "讲个笑话\r", "不想活了\u2028了", '"引号"\t\\', "坏\udcff字"]
    said = "\n".join(lines).encode("utf-8", "surrogateescape")
    done = zhucan("ask", "--batch", "-", "--json", said=said)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == lines
    assert [answer["kind"] for answer in answers][:4] == ["answer", "none", "action", "none"]
    assert answers[2]["action"] == "human"


def test_a_batch_can_be_a_file(zhucan: Zhucan, tmp_path: Path) -> None:
    (tmp_path / "问题.txt").write_text("转人工\n摊位费\n", encoding="utf-8")
    assert len(zhucan("ask", "--batch", "问题.txt", "--json").stdout.splitlines()) == 2


def test_ask_explains_itself(zhucan: Zhucan) -> None:
    text = zhucan("ask", "摊位费能不能减免", "--explain").stdout
    assert "最像的问法" in text
    assert "摊位费减免（stall-rent）" in text


def test_a_question_may_begin_with_a_dash_or_come_in_several_words(zhucan: Zhucan) -> None:
    assert "在社区摆摊" in zhucan("ask", "-摊位费能不能减免").stdout
    assert "在社区摆摊" in zhucan("ask", "摊位费", "能不能", "减免").stdout


def test_a_full_disk_behind_the_output_is_one_clear_line(zhucan: Zhucan) -> None:
    zhucan("ask", "摊位费")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m bot ask 摊位费 > /dev/full"],
        capture_output=True,
        check=False,
        env={**zhucan.environment, "PYTHONPATH": str(DATA.parent.parent)},
        timeout=60,
    )
    assert done.returncode == 2
    assert "读写出错" in done.stderr.decode("utf-8")
    assert b"Traceback" not in done.stderr


def test_chat_takes_a_pipe_and_ends_cleanly_at_its_end(zhucan: Zhucan) -> None:
    done = zhucan("chat", said="摊位费能不能减免\n简单\n人工\n".encode())
    assert done.returncode == 0
    assert "在社区摆摊" in done.stdout
    assert "摆摊可以少收钱" in done.stdout
    assert "便民热线：12345" in done.stdout
    assert done.stdout.endswith("再见。\n\n")
    assert "\033" not in done.stdout


def test_without_a_command_it_chats(zhucan: Zhucan) -> None:
    assert "是一个程序" in zhucan(said=b"").stdout


def test_check_finds_nothing_in_sound_knowledge(zhucan: Zhucan) -> None:
    done = zhucan("check", "--plan", str(DATA / "tiny-plan.txt"))
    assert (done.returncode, done.stdout) == (0, "")


def test_check_names_faults_and_ends_with_1(zhucan: Zhucan, tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "related: [stall-rent]", "related: [nothing]")
    environment = {"ZHUCAN_KNOWLEDGE__FOLDER": str(tiny_folder)}
    done = zhucan("check", **environment)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{tiny_folder}/entries.yaml:37:15: massage-course: ")
    assert zhucan("check", str(tiny_folder / "plan.yaml"), **environment).returncode == 0
    assert zhucan("check", str(tiny_folder / "entries.yaml"), **environment).returncode == 1


def test_check_of_one_file_says_so_when_nothing_could_be_checked(zhucan: Zhucan, tiny_folder: Path) -> None:
    spoil(tiny_folder, "plan.yaml", "  issuer: 某区\n", "")
    done = zhucan("check", str(tiny_folder / "entries.yaml"), ZHUCAN_KNOWLEDGE__FOLDER=str(tiny_folder))
    assert done.returncode == 1
    assert "issuer" in done.stdout


def test_knowledge_that_would_break_a_talk_is_not_used(zhucan: Zhucan, tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "contacts: [hotline, federation]", "contacts: [nosuch]")
    done = zhucan("ask", "转人工", ZHUCAN_KNOWLEDGE__FOLDER=str(tiny_folder))
    assert done.returncode == 2
    assert "“nosuch”不存在" in done.stderr


def test_what_staff_added_is_seen_by_every_command(zhucan: Zhucan, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    where = {"ZHUCAN_KNOWLEDGE__OVERLAY": str(overlay), "ZHUCAN_INDEX__FOLDER": str(tmp_path / "index")}
    question = "夜市里头的位子费咋个高得很"
    overlay.write_text(f"- {{entry: stall-rent, question: {question}, added: 2024-03-05, by: 1}}\n", encoding="utf-8")
    assert zhucan("check", **where).returncode == zhucan("check", str(overlay), **where).returncode == 0
    assert json.loads(zhucan("ask", question, "--json").stdout)["topic"] != "stall-rent"
    assert json.loads(zhucan("ask", question, "--json", **where).stdout)["topic"] == "stall-rent"
    overlay.write_text(overlay.read_text(encoding="utf-8").replace("stall-rent", "stall"), encoding="utf-8")
    done = zhucan("check", str(overlay), **where)
    assert (done.returncode, done.stdout.startswith(f"{overlay}:1:11: 没有“stall”这一条")) == (1, True)


def test_evaluate_prints_figures(zhucan: Zhucan, tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("question\tlabels\n摊位费减免\tstall-rent\n", encoding="utf-8")
    assert "100.0% (1/1)  首答正确" in zhucan("evaluate", "q.tsv").stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["ask"], {}, "要么写一个问题，要么用 --batch"),
        (["ask", "--batch", "没有.txt", "--json"], {}, "没有.txt：读不了（没有这个文件或者文件夹）"),
        (["ask", "--batch", "-"], {}, "--batch 要和 --json 一起用"),
        (["evaluate", "没有.tsv"], {}, "没有.tsv：读不了（没有这个文件或者文件夹）"),
        (["evaluate", "latin.tsv"], {}, "latin.tsv：读不了（里面不是 UTF-8 文字）"),
        (["evaluate", "bad.tsv"], {}, "bad.tsv：不认识的标签 nobody"),
        (["check", "没有.yaml"], {}, "没有.yaml：不在知识文件夹"),
        (["check", "bad.tsv"], {}, "bad.tsv：不在知识文件夹"),
        (["check"], {"ZHUCAN_KNOWLEDGE__FOLDER": "没有"}, "没有：没有这个知识文件夹"),
        (["ask", "问", "--json", "--easy"], {}, "请去掉一个"),
        (["nonsense"], {}, "用法不对：没有 nonsense 这个命令；看用法：zhucan --help；问一句话：zhucan ask 问题\n"),
        (["staff", "nonsense"], {}, "用法不对：没有 nonsense 这个命令；看用法：zhucan staff --help\n"),
        (["demo", "--count", "x"], {}, "用法不对：--count 要写一个整数；看用法：zhucan demo --help"),
        (["demo", "--count", "0"], {}, "用法不对：--count 太小了，至少是 1；"),
        (["chat", "--foo"], {}, "用法不对：没有 --foo 这个选项；"),
        (["ask", "--batch"], {}, "用法不对：--batch 后面还要写一个值；"),
        (["forget", "1", "2"], {}, "用法不对：多写了 2；看用法：zhucan forget --help"),
        (["forget"], {}, "用法不对：没有写“登记号”；"),
        (["staff", "add", "wang", "--name", "王芳"], {}, "用法不对：没有写 --role；看用法："),
        (["ask", "问", "--jsno"], {}, "没有 --jsno 这个选项"),
        (["chat", "--config", "c.yaml"], {}, "--config 写在命令前面"),
        (["evaluate"], {}, "用法不对"),
        (["check", "--plan", "没有.txt"], {}, "没有.txt：方案原文读不了（没有这个文件或者文件夹）"),
        (["demo", "--folder", "bad.tsv"], {}, "bad.tsv（路径里有一段不是文件夹）；请检查权限和磁盘，或者换一个文件夹"),
        (["purge"], {"ZHUCAN_STORE__URL": "mysql://u:p@h/d"}, "设置 store.url 写的是 mysql，不支持这种数据库；"),
        (["purge"], {"ZHUCAN_STORE__URL": "zhucan.db"}, "设置 store.url 读不懂；"),
        ([], {"ZHUCAN_TELEGRAM__TOKEN_FILE": "没有"}, "telegram.token_file = 没有 读不了（没有这个文件或者文件夹）"),
        (["--config", "没有.yaml", "ask", "问"], {}, "找不到配置文件 没有.yaml"),
        (["ask", "问"], {"ZHUCAN_TERMINAL__PLAIN": "x"}, "terminal.plain = 'x' 不对"),
        (["ask", "问"], {"ZHUCAN_KNOWLEDGE__FOLDER": "没有"}, "没有:1:1: 这里没有知识文件"),
    ],
)
def test_bad_input_gets_clear_words_and_status_2(
    zhucan: Zhucan, tmp_path: Path, arguments: list[str], environment: dict[str, str], expected: str
) -> None:
    (tmp_path / "bad.tsv").write_text("question\tlabels\n问\tnobody\n", encoding="utf-8")
    (tmp_path / "latin.tsv").write_bytes(b"question\tlabels\n\xe9\tnone\n")
    done = zhucan(*arguments, **environment)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_reader_who_leaves_early_is_no_error(zhucan: Zhucan, index_folder: Path) -> None:
    zhucan("ask", "摊位费")
    command = f"{sys.executable} -m bot ask --batch - --json | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; yes 摊位费 | head -n 20000 | {command}"],
        capture_output=True,
        check=False,
        env={**zhucan.environment, "PYTHONPATH": str(DATA.parent.parent)},
        timeout=60,
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


def test_the_help_says_what_happens_without_a_command(zhucan: Zhucan) -> None:
    said = "".join(zhucan("--help").stdout.split())
    assert "都没有就在终端里聊天" in said
    assert "设置了令牌就运行Telegram机器人" in said


def test_the_version_is_told(zhucan: Zhucan) -> None:
    assert zhucan("--version").stdout == f"zhucan {metadata.version('zhucan')}\n"


def test_an_interrupt_while_it_loads_is_quiet(zhucan: Zhucan, tmp_path: Path) -> None:
    """A module that it needs, and that interrupts as somebody does who presses Ctrl-C in the first second."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    done = zhucan("chat", PYTHONPATH=f"{tmp_path}:{DATA.parent.parent}")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
