"""What can be set, with defaults that need no file. The one place where settings are read.

A setting comes from the environment (``ZHUCAN_FEDERATION__PHONE``), else from the configuration
file, else from the default. ``config.example.yaml`` shows every key.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import yaml
from platformdirs import user_cache_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

BUILT_IN_KNOWLEDGE = Path(__file__).parent.parent / "knowledge" / "jiangjin"
_PREFIX = "ZHUCAN_"
CONFIG_VARIABLE = f"{_PREFIX}CONFIG"
_USUAL_FILE = Path("config.yaml")


class SettingsError(Exception):
    """A setting has a bad value; the text names the key, the value and what would do."""


def _without_nulls(values: object) -> object:
    """Leave out what says nothing: the default stands."""
    if not isinstance(values, dict):
        return values
    return {key: value for key, value in values.items() if value is not None and value != ""}


Folder = Annotated[Path, AfterValidator(Path.expanduser)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, values: object) -> object:
        return _without_nulls(values)


class KnowledgeSettings(_Section):
    """``folder``: the district's knowledge."""

    folder: Folder = BUILT_IN_KNOWLEDGE


class IndexSettings(_Section):
    """``folder``: where what was worked out from the knowledge is kept between runs."""

    folder: Folder = Field(default_factory=lambda: user_cache_path("zhucan"))


class FederationSettings(_Section):
    """``phone``: the number of the district's Disabled Persons' Federation, shown only when set."""

    phone: str | None = None


class TerminalSettings(_Section):
    """``plain``: true for lines without colour and drawing, as a screen reader wants them."""

    plain: bool = False


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

    @model_validator(mode="before")
    @classmethod
    def _empty_section_is_the_default(cls, values: object) -> object:
        return _without_nulls(values)


def load(file: Path | None = None) -> Settings:
    """Read the settings.

    ``file`` is the configuration file; without it the one that ``ZHUCAN_CONFIG`` names, else
    ``config.yaml`` in the working folder if there is one. Raises :class:`SettingsError`.
    """
    named = file or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named is not None and not named.is_file():
        raise SettingsError(f"找不到配置文件 {named}；请检查路径，或者不写这一项，用默认设置")
    path = named or (_USUAL_FILE if _USUAL_FILE.is_file() else None)
    _refuse_unknown_variables()
    try:
        return _with_file(path)()
    except ValidationError as error:
        raise SettingsError("\n".join(_in_words(path, detail) for detail in error.errors(include_url=False))) from error
    except (AttributeError, OSError, TypeError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"{path}：配置文件读不懂（{reason}）；请对照 config.example.yaml 检查") from error


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


_WOULD_DO = {
    "extra_forbidden": "没有这一项；请改正拼写或者删掉",
    "bool_parsing": "要写 true 或 false",
    "bool_type": "要写 true 或 false",
    "path_type": "要写一个文件夹路径",
    "string_type": "要写成文字；请加上引号",
    "model_type": "下面要分项写“键: 值”",
    "dict_type": "下面要分项写“键: 值”",
}


def _in_words(path: Path | None, detail: object) -> str:
    assert isinstance(detail, dict)
    keys: Sequence[object] = detail["loc"]
    key = ".".join(map(str, keys))
    would_do = _WOULD_DO.get(detail["type"], detail["msg"])
    where = f"{path} 或环境变量" if path else "环境变量"
    return f"{where}里的设置 {key} = {detail['input']!r} 不对：{would_do}"
