"""The command line: ``zhucan``. Each command reads its input, calls what does the work, prints."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from bot import app, clock, evaluation, settings, staff_commands
from bot.channels.terminal import chat as terminal
from bot.command_faults import UnusableError, notice, serving_faults_in_words, store_faults_in_words
from bot.conversation.message import Message
from bot.conversation.state import State
from bot.os_faults import why
from bot.reports import evaluation_report, explanation_report
from bot.usage_faults import usage_in_words
from intents import Reading
from intents.errors import NothingToLearnError
from knowledge import KnowledgeError

cli = typer.Typer(
    name="zhucan",
    help=(
        "助残就业助手：回答残疾人就业方案里的问题。"
        "不带命令：设置了令牌就运行 Telegram 机器人，打开了工作台就运行工作台，都没有就在终端里聊天。"
    ),
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

cli.add_typer(staff_commands.staff)
cli.add_typer(staff_commands.audit)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"zhucan {metadata.version('zhucan')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", help="版本", callback=_say_version, is_eager=True)]
Config = Annotated[Path | None, typer.Option("--config", help="配置文件，默认是 config.yaml（没有也行）")]


def main() -> None:
    """Run the command line; say what is wrong in one line and end with status 2 where it can't go on."""
    _ready_streams()
    with _faults_in_words():
        status = cli(standalone_mode=False, prog_name="zhucan")
        sys.stdout.flush()  # here, where a failure can still be put in words
        sys.exit(status if isinstance(status, int) else 0)


@cli.callback(invoke_without_command=True)
def start(context: typer.Context, config: Config = None, version: Version = False) -> None:  # noqa: ARG001
    """Run what the settings turn on; with no settings: a chat in the terminal."""
    context.obj = config
    if context.invoked_subcommand is None:
        run(context)


def run(context: typer.Context) -> None:
    """Run the Telegram bot if there is a token and the console if it is enabled, else a chat in the terminal.

    Who has no settings yet sees the console too, with invented people.
    """
    chosen = settings.load(context.obj)
    token = settings.telegram_token(chosen)
    if token is None and not chosen.staff.enabled:
        if settings.file(context.obj) is not None:
            chat(context)
            return
        from bot import demo_beside  # noqa: PLC0415 – the database takes long to load

        with demo_beside.beside_the_chat(chosen, notice):
            chat(context)
        return
    # What answers Telegram takes long to load; who only asks a question need not wait for it.
    from bot import serving  # noqa: PLC0415

    with serving_faults_in_words():
        raise typer.Exit(asyncio.run(serving.serve(chosen, token, notice)))


@cli.command()
def chat(context: typer.Context) -> None:
    """在终端里聊天，也可以登记。"""
    built = _build(context)
    plain = terminal.is_plain(built.settings.terminal.plain, sys.stdout)
    from bot import sitting  # noqa: PLC0415 – the database takes long to load

    with store_faults_in_words(), sitting.at_the_terminal(built, notice) as seat:
        terminal.chat(seat.welcome, seat.reply, terminal.typed_messages(plain), terminal.printer(plain, sys.stdout))


@cli.command(context_settings={"ignore_unknown_options": True})
def ask(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="问题", help="要问的话", show_default=False)] = None,
    easy: Annotated[bool, typer.Option("--easy", help="用简单的话回答")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    batch: Annotated[Path | None, typer.Option("--batch", help="文件，一行一个问题；- 表示标准输入")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="说明为什么这样理解")] = False,
) -> None:
    """问一个问题，或者一批问题（--batch 文件 --json）。"""
    for word in words or []:
        if word.startswith("--"):
            raise UnusableError(f"没有 {word} 这个选项；看用法：zhucan ask --help")
    question = " ".join(words) if words else None
    if (question is None) == (batch is None):
        raise UnusableError("要么写一个问题，要么用 --batch 给一个文件；例如：zhucan ask 残疾人办烟草证有照顾吗")
    if batch is not None and not as_json:
        raise UnusableError("--batch 要和 --json 一起用；例如：zhucan ask --batch 问题.txt --json")
    if (easy and as_json) or (explain and batch is not None):
        raise UnusableError("--easy 不能和 --json 一起用，--explain 不能和 --batch 一起用；请去掉一个")
    built = _build(context)
    if batch is not None:
        for line in _lines(batch):
            print(_json(line, built.reader.read(line)), flush=True)
    elif question is not None:
        if as_json:
            print(_json(question, built.reader.read(question)))
        else:
            message = Message(at=clock.now(), token=secrets.token_hex(16), text=question)
            replies, _ = built.adviser.reply(message, State(easy=easy))
            print("\n".join(reply.text for reply in replies))
        if explain:
            print(
                "\n" + explanation_report(built.knowledge, built.reader.explain(question)),
                file=sys.stderr if as_json else sys.stdout,
            )


@cli.command()
def check(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="只说这些文件里的问题；不写就说全部", show_default=False)
    ] = None,
    plan: Annotated[Path | None, typer.Option("--plan", help="方案原文，用来逐字核对引文")] = None,
) -> None:
    """检查知识文件：一次说出所有问题，每条带文件、行、列。"""
    sources = settings.load(context.obj).knowledge
    folder, overlay = sources.folder, sources.overlay
    if not folder.is_dir():
        raise UnusableError(f"{folder}：没有这个知识文件夹；请检查设置 knowledge.folder")
    try:
        text = plan.read_text(encoding="utf-8") if plan else None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableError(f"{plan}：方案原文读不了（{why(error)}）；请给一个 UTF-8 文本文件") from error
    for file in files or []:
        within = file.resolve().is_relative_to(folder.resolve()) or file.resolve() == overlay.resolve()
        if not within or not file.exists():
            raise UnusableError(f"{file}：不在知识文件夹 {folder} 里；请检查路径和设置 knowledge.folder")
    # Only this command needs OpenCC and pypinyin, which take long to load.
    from bot.knowledge_check import check as check_knowledge  # noqa: PLC0415

    faults = check_knowledge(folder, text, files or (), overlay)
    for fault in faults:
        print(fault)
    if faults:
        notice(f"共 {len(faults)} 处问题。")
        raise typer.Exit(1)
    notice("没有发现问题。")


@cli.command()
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="问题集 .tsv：question、labels、style 三列")],
    misses: Annotated[int, typer.Option("--misses", help="最多列出多少条没答好的")] = 50,
) -> None:
    """用带标签的问题集测一测理解得准不准。"""
    rows = evaluation.read_rows(file)
    built = _build(context)
    labels = built.knowledge.labels
    unknown = evaluation.unknown_labels(rows, (*labels.policies, *labels.actions))
    if unknown:
        raise UnusableError(f"{file}：不认识的标签 {'、'.join(unknown)}；请对照知识里的 labels.yaml 改正")
    results = [evaluation.Result(row, built.reader.read(row.question)) for row in _progress(rows)]
    print(evaluation_report(built.knowledge, results, misses))


@cli.command()
def purge(context: typer.Context) -> None:
    """清掉到期的资料（机器人运行时自己每小时做一次）。"""
    _maintain(context, "purge")


@cli.command()
def migrate(context: typer.Context) -> None:
    """把数据库升级到这个版本（先停下所有进程，先备份）。"""
    _maintain(context, "migrate")


@cli.command()
def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="备份写到这个文件")]) -> None:
    """备份数据库（运行时也可以）；密钥文件要另外存。"""
    _maintain(context, "backup", file)


@cli.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="备份文件")],
    old_key: Annotated[
        Path | None,
        typer.Option("--old-key", metavar="文件", help="做备份时的密钥文件，备份以后换过密钥才要", show_default=False),
    ] = None,
) -> None:
    """用备份换掉现在的数据库（先停下所有进程）；先检查，换掉的留在旁边。"""
    _maintain(context, "restore", file, *([old_key] if old_key else []))


@cli.command()
def forget(context: typer.Context, receipt: Annotated[str, typer.Argument(help="登记号")]) -> None:
    """按登记号删掉一份登记（本人要求删、又不能自己在聊天里删的时候）。"""
    _maintain(context, "forget", receipt)


@cli.command(name="rotate-key")
def rotate_key(context: typer.Context) -> None:
    """换一把新的密钥，把资料全部重新加密（运行时也可以，中断了可以再运行）。"""
    _maintain(context, "rotate_key")


@cli.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Option("--folder", help="放在哪个文件夹", show_default=False)] = None,
    count: Annotated[int, typer.Option("--count", help="编多少份登记", min=1, max=1_000_000)] = 3000,
    seed: Annotated[int, typer.Option("--seed", help="换一个数，编得就不一样")] = 2023,
    serve: Annotated[
        bool, typer.Option("--serve", help="打开工作台，按 Ctrl-C 结束；已经编过的接着用，没有就先编")
    ] = False,
    handed: Annotated[int | None, typer.Option("--socket", hidden=True)] = None,
) -> None:
    """另建一个演示数据库，里面的人和事全是编的，用来看看工作台；不碰别的数据库。"""
    chosen = settings.load(context.obj)
    from bot import demo_console  # noqa: PLC0415 – the console takes long to load
    from bot.staff import demo as demonstration  # noqa: PLC0415

    place = demonstration.Place((folder or settings.demo_folder()).absolute())
    faults = serving_faults_in_words if serve else store_faults_in_words
    with faults(), _demo_faults_in_words(place.folder):
        if serve:
            raise typer.Exit(demo_console.serve(chosen, place, count, seed, notice, handed))
        made = asyncio.run(demonstration.make(place, chosen.knowledge.folder, count, seed, clock.now()))
    print(f"演示数据库：{made.count} 份编的登记，在 {place.folder}")
    for account in made.accounts:
        print(f"{account.login}\t{account.name}\t{'、'.join(account.towns)}")
    print(f"密码都是：{made.passphrase}")
    print("打开工作台：")
    print("zhucan demo --serve" + (f" --folder {shlex.quote(str(place.folder))}" if folder else ""))


@contextmanager
def _demo_faults_in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if not error.filename:
            raise
        raise UnusableError(
            f"演示放不到 {folder}（{why(error)}）；请检查权限和磁盘，或者换一个文件夹：zhucan demo --folder 文件夹"
        ) from error


def _maintain(context: typer.Context, task: str, *arguments: Path | str) -> None:
    """Do one of the tasks in ``maintenance`` and say what there is to tell of it."""
    chosen = settings.load(context.obj)
    from bot import maintenance  # noqa: PLC0415 – the database takes long to load

    with store_faults_in_words():
        try:
            told: str = asyncio.run(getattr(maintenance, task)(chosen, notice, *arguments))
        except maintenance.WrongReceiptError as error:
            raise UnusableError(str(error)) from error
    print(told)


def _build(context: typer.Context) -> app.App:
    return app.build(settings.load(context.obj), notice)


def _json(question: str, reading: Reading) -> str:
    answer: dict[str, Any] = {
        "question": question,
        "kind": reading.kind,
        "topic": reading.topic,
        "choices": list(reading.choices),
        "action": reading.action,
        "score": round(reading.score, 6),
        "candidates": [[candidate.key, round(candidate.probability, 6)] for candidate in reading.candidates],
    }
    text = json.dumps(answer, ensure_ascii=False)
    # Bytes that were no UTF-8, and characters that some take for a line break, are escaped.
    return text if _is_one_clean_line(text) else json.dumps(answer)


def _is_one_clean_line(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return text.splitlines() == [text]


def _lines(file: Path) -> Iterator[str]:
    """The lines of a file or of standard input (``-``), as they are, without their line break."""
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise UnusableError(f"{file}：读不了（{why(error)}）；请给一个文本文件，一行一个问题") from error
    with stream:
        for line in stream:
            yield line.decode("utf-8", "surrogateescape").removesuffix("\n")


_INTERRUPTED = 130  # as shells have it
_LONG = 2000  # rows; below that a progress bar would only flash


def _progress(rows: list[evaluation.Row]) -> Iterator[evaluation.Row]:
    if len(rows) < _LONG or not sys.stderr.isatty():
        yield from rows
        return
    with typer.progressbar(rows, label="正在测试", file=sys.stderr) as bar:
        yield from bar


def _ready_streams() -> None:
    """Chinese must come out whatever the locale says, and a closed stream must not break anything."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 – lives as long as the process
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def _named(error: OSError) -> str:
    return f"{error.filename}：" if error.filename else ""


@contextmanager
def _faults_in_words() -> Iterator[None]:
    try:
        yield
    except (UnusableError, settings.SettingsError, evaluation.QuestionFileError) as error:
        notice(str(error))
        sys.exit(2)
    except KnowledgeError as error:
        notice(f"知识文件有 {len(error.faults)} 处问题，先改好再用：\n{error}")
        sys.exit(2)
    except NothingToLearnError:
        notice("知识文件里一个问法都没有，没法学；请运行 zhucan check")
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    except TyperException as error:
        notice(usage_in_words(error))
        sys.exit(2)
    except OSError as error:
        # Nothing more can be written; without this the interpreter would try once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read our output has had enough
            sys.exit(1)
        notice(f"读写出错：{_named(error)}{why(error)}")
        sys.exit(2)
