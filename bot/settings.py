"""What can be set, with defaults that need no file. The one place where settings are read.

A setting comes from the environment (``ZHUCAN_FEDERATION__PHONE``), else from the configuration
file, else from the default. ``config.example.yaml`` shows every key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import yaml
from platformdirs import user_cache_path, user_config_path, user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource
from pydantic_settings import SettingsError as SourceError

from bot.os_faults import why

BUILT_IN_KNOWLEDGE = Path(__file__).parent.parent / "knowledge" / "jiangjin"
_QUESTION_SETS = Path(__file__).parent.parent / "tests" / "questions"
_PREFIX = "ZHUCAN_"
CONFIG_VARIABLE = f"{_PREFIX}CONFIG"
_USUAL_FILE = Path("config.yaml")


def demo_folder() -> Path:
    """Return where the demonstration has its database and its keys: never where the real ones are."""
    return user_data_path("zhucan") / "demo"


class SettingsError(Exception):
    """A setting has a bad value; the text names the key, the value and what would do."""


def _without_nulls(values: object) -> object:
    """Leave out what says nothing: the default stands."""
    if not isinstance(values, dict):
        return values
    return {key: value for key, value in values.items() if value is not None and value != ""}


def _fit_for_a_header(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
        raise ValueError("要写 1 到 256 个英文字母、数字、_ 或 -")
    return secret


def _https_without_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or url.rstrip("/") != f"https://{parts.netloc}" or "@" in url:
        raise ValueError("要写 https:// 开头的地址，后面不带路径，例如 https://zhucan.example.org")
    return url.rstrip("/")


def _address_or_network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("要写 IP 地址或者网段，例如 127.0.0.1 或 10.0.0.0/8") from error
    return text


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('要写成 "08:30" 这样的时刻，从 "00:00" 到 "23:59"')
    return text


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
PublicUrl = Annotated[str, AfterValidator(_https_without_path)]
Network = Annotated[str, AfterValidator(_address_or_network)]
HeaderSecret = Annotated[SecretStr, AfterValidator(_fit_for_a_header)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, values: object) -> object:
        return _without_nulls(values)


def _own_question_sets() -> Path | None:
    """Those of the checkout; an installed program has none."""
    return _QUESTION_SETS if _QUESTION_SETS.is_dir() else None


class KnowledgeSettings(_Section):
    """``folder``: the district's knowledge; ``overlay``: the file with the sample questions that staff added to it.

    ``question_sets``: a folder of labelled questions (``*.tsv``), on which such a question is tried
    before it goes live.
    """

    folder: Folder = BUILT_IN_KNOWLEDGE
    overlay: Folder = Field(default_factory=lambda: user_data_path("zhucan") / "overlay.yaml")
    question_sets: Folder | None = Field(default_factory=_own_question_sets)


class IndexSettings(_Section):
    """``folder``: where what was worked out from the knowledge is kept between runs."""

    folder: Folder = Field(default_factory=lambda: user_cache_path("zhucan"))


class FederationSettings(_Section):
    """``phone``: the number of the district's Disabled Persons' Federation, shown only when set."""

    phone: str | None = None


class TerminalSettings(_Section):
    """``plain``: true for lines without colour and drawing, as a screen reader wants them."""

    plain: bool = False


class TelegramSettings(_Section):
    """The Telegram channel; it runs when there is a token.

    ``token`` or ``token_file``: of the bot; ``base_url``: of the Bot API server, to which ``<token>/<method>`` is
    added. ``webhook_url``: the public https address that Telegram calls; without it the bot asks for updates itself.
    ``webhook_host``, ``webhook_port``: where to listen for these calls; ``webhook_secret``: what they must carry
    (made anew at every start when unset). ``per_second``: messages sent to all chats together, None for no limit of
    our own.
    """

    token: SecretStr | None = None
    token_file: Folder | None = None
    base_url: str = "https://api.telegram.org/bot"
    webhook_url: str | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=1, le=65535)
    webhook_secret: HeaderSecret | None = None
    per_second: float | None = Field(default=None, gt=0)


_MONTH = 365 / 12  # days


class StoreSettings(_Section):
    """``url``: the database, ``sqlite:///file`` or ``postgresql://…``; ``key_file``: what encrypts personal data."""

    url: SecretStr = Field(default_factory=lambda: SecretStr(f"sqlite:///{user_data_path('zhucan') / 'zhucan.db'}"))
    key_file: Folder = Field(default_factory=lambda: user_config_path("zhucan") / "zhucan.key")


class RegistrationSettings(_Section):
    """What is promised to those who register.

    ``keep_months``: how long a registration is kept after its last change; ``contact_days``: within how many days
    somebody gets in touch; ``area_code``: of telephone numbers written without one; ``category_abroad``: whether the
    disability category may be asked on channels whose servers are abroad; ``abroad``: whether one can register there.
    """

    keep_months: int = Field(default=24, ge=1, le=1200)
    contact_days: int = Field(default=7, ge=1, le=3650)
    area_code: str = "023"
    category_abroad: bool = True
    abroad: bool = True

    @property
    def keep_days(self) -> int:
        """``keep_months`` in days."""
        return round(self.keep_months * _MONTH)


class RetentionSettings(_Section):
    """How long other things are kept, in days since they were last touched.

    ``questions_days``: questions that found no answer; ``conversations_days``: what was last spoken of;
    ``drafts_days``: registrations that were begun and not submitted; ``dead_letters_days``: messages that could not
    be handled; ``backups_days``: what people are told of how long backups are kept (whoever makes them deletes them).
    """

    questions_days: int = Field(default=180, ge=1, le=36500)
    conversations_days: int = Field(default=90, ge=1, le=36500)
    drafts_days: int = Field(default=180, ge=1, le=36500)
    dead_letters_days: int = Field(default=30, ge=1, le=36500)
    backups_days: int = Field(default=30, ge=0)


class StaffSettings(_Section):
    """The staff console, web pages for those who work through the registrations.

    ``enabled``: whether it runs; ``host``, ``port``: where; ``public_url``: its https address behind a proxy that ends
    TLS, without which it is served to this machine only; ``proxy``: the addresses or networks of that proxy, which
    alone is believed about where requests come from; ``idle_minutes``: a session without a click ends after them.
    ``target``: how many people are to be newly employed from ``period_from`` to ``period_until``. ``morning``: when
    linked chats get the numbers of the day, in China's time.
    """

    enabled: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: PublicUrl | None = None
    proxy: list[Network] = ["127.0.0.1"]
    idle_minutes: int = Field(default=30, ge=1, le=1440)
    target: int = Field(default=1500, ge=0)
    period_from: date = date(2022, 1, 1)
    period_until: date = date(2024, 12, 31)
    morning: TimeOfDay = "08:30"

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.period_from > self.period_until:
            raise ValueError(
                f"staff.period_from（{self.period_from}）比 staff.period_until（{self.period_until}）晚；"
                "两项要一起改，没有写的那一项是默认的"
            )
        return self


class MonitoringSettings(_Section):
    """``port``: where /healthz and /metrics answer, none when unset; ``host``: on which address."""

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=1, le=65535)


class LogSettings(_Section):
    """``level``: debug, info, warning or error; ``json_lines``: one JSON object a line, unset: unless in a terminal."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool | None = None


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    knowledge: KnowledgeSettings = KnowledgeSettings()
    index: IndexSettings = IndexSettings()
    federation: FederationSettings = FederationSettings()
    terminal: TerminalSettings = TerminalSettings()
    telegram: TelegramSettings = TelegramSettings()
    store: StoreSettings = StoreSettings()
    registration: RegistrationSettings = RegistrationSettings()
    retention: RetentionSettings = RetentionSettings()
    staff: StaffSettings = StaffSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="before")
    @classmethod
    def _empty_section_is_the_default(cls, values: object) -> object:
        return _without_nulls(values)


def file(given: Path | None = None) -> Path | None:
    """Return the configuration file that counts, None where there is none. Raises :class:`SettingsError`.

    It is ``given``, else the one that ``ZHUCAN_CONFIG`` names, else ``config.yaml`` in the working folder.
    """
    named = given or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    # os.path, for where the folder may not be entered, as with sudo from another's, there Path would raise.
    if named is not None and os.path.isdir(named):
        raise SettingsError(f"{named} 是文件夹，不是配置文件；请写到文件，例如 {named / _USUAL_FILE}")
    if named is not None and not os.path.isfile(named):
        raise SettingsError(f"找不到配置文件 {named}，或者没有权限；请检查路径，或者不写这一项，用默认设置")
    return named or (_USUAL_FILE if os.path.isfile(_USUAL_FILE) else None)


def load(given: Path | None = None) -> Settings:
    """Read the settings, from the environment and from the :func:`file`. Raises :class:`SettingsError`."""
    path = file(given)
    _refuse_unknown_variables()
    try:
        return _with_file(path)()
    except ValidationError as error:
        raise SettingsError("\n".join(_in_words(path, detail) for detail in error.errors(include_url=False))) from error
    except (AttributeError, OSError, TypeError, ValueError, yaml.YAMLError) as error:
        if path is not None and (wrong := _no_such_day(path)):
            raise SettingsError(f"{path} 里的设置 {wrong} 不对：没有这一天；要写成 2022-01-31 这样") from error
        raise SettingsError(_not_read(path, error)) from error


def _not_read(path: Path | None, error: Exception) -> str:
    """Return why neither the file at ``path`` nor the environment could be taken as settings."""
    if path is None or isinstance(error, SourceError):
        section = re.search('field "([a-z_]+)"', str(error))
        named = f" {_PREFIX}{section[1].upper()}__… " if section else ""
        return f"环境变量{named}读不懂；几项要写成 JSON，例如 ZHUCAN_STAFF__PROXY='[\"127.0.0.1\"]'"
    if isinstance(error, (OSError, UnicodeDecodeError)):
        return f"{path}：配置文件读不了（{why(error)}）；请检查路径和权限"
    place = getattr(error, "problem_mark", None)
    where = f"第 {place.line + 1} 行第 {place.column + 1} 个字附近不是合法的 YAML" if place else _ONE_A_LINE
    return f"{path}：配置文件读不懂（{where}）；请对照 config.example.yaml 检查"


def telegram_token(settings: Settings) -> str | None:
    """Return the bot's token, None when Telegram is not wanted. Raises SettingsError for a file that holds none."""
    telegram = settings.telegram
    if telegram.token is not None:
        return telegram.token.get_secret_value()
    if telegram.token_file is None:
        return None
    try:
        token = telegram.token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"设置 telegram.token_file = {telegram.token_file} 读不了（{why(error)}）；请检查路径和权限"
        ) from error
    if not token:
        raise SettingsError(f"设置 telegram.token_file = {telegram.token_file} 是空的；请把令牌写进去，只写这一行")
    return token


def _refuse_unknown_variables() -> None:
    """A misspelt variable would otherwise be overlooked."""
    known = {CONFIG_VARIABLE}
    for section, field in Settings.model_fields.items():
        known |= {f"{_PREFIX}{section}__{key}".upper() for key in getattr(field.annotation, "model_fields", ())}
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            raise SettingsError(f"环境变量 {name}：没有这一项设置；请对照 config.example.yaml 改正拼写，或者删掉")


def _with_file(path: Path | None) -> type[Settings]:
    """Settings that also look into the file at ``path``, after the environment."""

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, *([YamlConfigSettingsSource(settings_cls, path)] if path else []))

    return FromFile


def _no_such_day(path: Path) -> str:
    """Return the setting in the file at ``path`` with a day that no calendar has: YAML's own words don't name it."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    sections = node.value if isinstance(node, yaml.MappingNode) else []
    for section, keys in sections:
        for key, value in keys.value if isinstance(keys, yaml.MappingNode) else []:
            if value.tag == "tag:yaml.org,2002:timestamp" and not _is_a_day(value.value):
                return f"{section.value}.{key.value} = {value.value}"
    return ""


_ONE_A_LINE = "要一项一行，写成“键: 值”，下面一层缩进"


def _is_a_day(text: str) -> bool:
    try:
        date(*map(int, text[:10].split("-")))
    except (TypeError, ValueError):
        return False
    return True


_NEVER_SHOWN = {"token", "webhook_secret", "url"}
_WOULD_DO = {
    "extra_forbidden": "没有这一项；请改正拼写或者删掉",
    "bool_parsing": "要写 true 或 false",
    "bool_type": "要写 true 或 false",
    "path_type": "要写一个路径",
    "int_parsing": "要写一个整数",
    "int_type": "要写一个整数",
    "int_from_float": "要写一个整数",
    "float_parsing": "要写一个数",
    "float_type": "要写一个数",
    "greater_than": "太小了，要大于 {gt:g}",
    "greater_than_equal": "太小了，最小是 {ge}",
    "less_than_equal": "太大了，最大是 {le}",
    "literal_error": "只能写 {known}",
    "string_type": "要写成文字；请加上引号，不加引号，0 开头的号码会变成别的数",
    "list_type": "要写成方括号里的几项，例如 [127.0.0.1]",
    "model_type": "下面要分项写“键: 值”",
    "date_from_datetime_parsing": "要写成 2022-01-31 这样的日子",
    "date_from_datetime_inexact": "要写成 2022-01-31 这样的日子",
    "date_parsing": "要写成 2022-01-31 这样的日子",
    "date_type": "要写成 2022-01-31 这样的日子",
    "dict_type": "下面要分项写“键: 值”",
    "value_error": "{error}",
}


def _in_words(path: Path | None, detail: object) -> str:
    assert isinstance(detail, dict)
    keys: Sequence[object] = detail["loc"]
    key = ".".join(map(str, keys))
    told = dict(detail.get("ctx", {}))
    told["known"] = "、".join(re.findall("'([^']+)'", str(told.get("expected", ""))))
    would_do = _WOULD_DO.get(detail["type"], "这样写不行").format(**told)
    where = f"{path} 或环境变量" if path else "环境变量"
    if isinstance(detail["input"], dict) and detail["type"] == "value_error":  # of several keys together
        return f"{where}里的设置 {key} 不对：{would_do}"
    value = "（不显示）" if set(keys) & _NEVER_SHOWN else repr(detail["input"])
    return f"{where}里的设置 {key} = {value} 不对：{would_do}"
