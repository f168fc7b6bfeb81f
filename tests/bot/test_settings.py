"""Settings come from the environment, a file, or their defaults; a bad one is named."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
import yaml

from bot import settings
from bot.settings import Settings, SettingsError

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ZHUCAN_")]:
        monkeypatch.delenv(name)


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_needs_to_be_set() -> None:
    loaded = settings.load()
    assert loaded.knowledge.folder.is_dir()
    assert loaded.federation.phone is None


def test_the_file_of_the_working_folder_is_read(tmp_path: Path) -> None:
    config(tmp_path, "federation: {phone: '023-1'}\n")
    assert settings.load().federation.phone == "023-1"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "ZHUCAN_CONFIG", str(config(tmp_path, "federation: {phone: '023-1'}\nterminal: {plain: true}\n"))
    )
    monkeypatch.setenv("ZHUCAN_FEDERATION__PHONE", "023-2")
    loaded = settings.load()
    assert (loaded.federation.phone, loaded.terminal.plain) == ("023-2", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("terminal: {plain: vielleicht}\n", "terminal.plain = 'vielleicht' 不对：要写 true 或 false"),
        ("terminal: {color: true}\n", "terminal.color = True 不对：没有这一项"),
        ("telegraph: 1\n", "telegraph = 1 不对：没有这一项"),
        ("federation: {phone: 12345}\n", "federation.phone = 12345 不对：要写成文字；请加上引号"),
        ("federation: {phone: 0234}\n", "请加上引号，不加引号，0 开头的号码会变成别的数"),
        ("staff:\n  period_from: 2022-13-45\n", "staff.period_from = 2022-13-45 不对：没有这一天"),
        ("staff:\n  period_until: 2023-02-30\n", "staff.period_until = 2023-02-30 不对：没有这一天"),
        ("staff:\n  period_until: soon\n", "staff.period_until = 'soon' 不对：要写成 2022-01-31 这样的日子"),
        ("terminal: true\n", "terminal = True 不对：下面要分项写"),
        ("log: {level: loud}\n", "log.level = 'loud' 不对：只能写 debug、info、warning、error"),
        ("staff: {public_url: 'http://x'}\n", "staff.public_url = 'http://x' 不对：要写 https:// 开头的地址"),
        ("staff: {morning: '25:99'}\n", "staff.morning = '25:99' 不对：要写成 \"08:30\" 这样的时刻"),
        ("staff: {proxy: 127.0.0.1}\n", "staff.proxy = '127.0.0.1' 不对：要写成方括号里的几项"),
        ("staff: {port: 1.5}\n", "staff.port = 1.5 不对：要写一个整数"),
        ("staff: {port: 0}\n", "staff.port = 0 不对：太小了，最小是 1"),
        ("staff: {port: 65536}\n", "staff.port = 65536 不对：太大了，最大是 65535"),
        ("telegram: {per_second: 0}\n", "telegram.per_second = 0 不对：太小了，要大于 0"),
        ("staff: {period_from: 2025-01-01}\n", "period_from（2025-01-01）比 staff.period_until（2024-12-31）晚"),
        ("terminal: [\n", "配置文件读不懂（第 2 行第 1 个字附近不是合法的 YAML）"),
        ("- 1\n", "配置文件读不懂（要一项一行，写成“键: 值”"),
        ("hello", "配置文件读不懂（要一项一行，写成“键: 值”"),
        ("1: 2\n", "config.yaml"),
    ],
)
def test_a_bad_value_is_named_with_what_would_do(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(config(tmp_path, text))
    assert expected in str(caught.value)
    assert "config.yaml" in str(caught.value)
    assert not re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", str(caught.value))  # words of a library


def test_a_bad_value_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHUCAN_TERMINAL__PLAIN", "perhaps")
    with pytest.raises(SettingsError, match=r"环境变量里的设置 terminal\.plain = 'perhaps' 不对"):
        settings.load()


def test_a_list_in_the_environment_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHUCAN_STAFF__PROXY", "abc")
    with pytest.raises(SettingsError, match="环境变量 ZHUCAN_STAFF__… 读不懂；几项要写成 JSON"):
        settings.load()


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    path = config(tmp_path, "federation: {phone: '023-1'}\n")
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(SettingsError) as caught:
        settings.load(path)
    assert str(caught.value) == f"{path}：配置文件读不了（没有权限）；请检查路径和权限"


def test_a_folder_in_the_place_of_the_file_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="是文件夹，不是配置文件；请写到文件，例如 "):
        settings.load(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="找不到配置文件"):
        settings.load(tmp_path / "nowhere.yaml")


def test_a_file_that_cannot_be_looked_for_is_named(tmp_path: Path) -> None:
    """As in a folder that one may not enter; a name that no file can have fails in the same way, for root too."""
    with pytest.raises(SettingsError, match="找不到配置文件"):
        settings.load(tmp_path / ("x" * 1000))


def test_a_token_file_with_nothing_in_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"telegram\.token_file = token 是空的"):
        settings.telegram_token(settings.load(config(tmp_path, "telegram: {token_file: token}\n")))


def test_the_example_shows_every_key_with_its_default() -> None:
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    shown = yaml.safe_load(text)
    known = {section: set(field.annotation.model_fields) for section, field in Settings.model_fields.items()}
    assert {section: set(keys) for section, keys in shown.items()} == known
    defaults = Settings().model_dump()
    for section, key, value in (
        (section, key, value) for section, keys in shown.items() for key, value in keys.items()
    ):
        assert value is None or value == defaults[section][key]


def test_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    example = config(tmp_path, (ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    assert settings.load(example).model_dump() == Settings().model_dump()


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHUCAN_FEDERATON__PHONE", "1")
    with pytest.raises(SettingsError, match="ZHUCAN_FEDERATON__PHONE：没有这一项设置"):
        settings.load()


def test_an_empty_variable_and_an_empty_section_leave_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHUCAN_KNOWLEDGE__FOLDER", "")
    assert settings.load(config(tmp_path, "federation:\n  # nothing yet\n")).model_dump() == Settings().model_dump()


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHUCAN_INDEX__FOLDER", "~/cache")
    assert settings.load().index.folder == Path.home() / "cache"
