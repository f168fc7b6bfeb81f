"""What was wrong with the way a command was written, in plain words."""

from __future__ import annotations

import re

from typer.exceptions import TyperException

_IN_WORDS = (
    (r"No such command '(?P<given>.*)'\.", "没有 {given} 这个命令"),
    (r"No such option: (?P<given>\S+).*", "没有 {given} 这个选项"),
    (r"(?s).*'(?P<given>.*)' is not readable\.", "{given} 读不了，没有权限"),
    (r"Missing parameter: .*", "没有写{what}"),
    (r".*?'(?P<given>.*)' is not one of (?P<known>.*)\.", "{what}不能写 {given}，只能写 {known}"),
    (r"Input should be a valid integer.*", "{what}要写一个整数"),
    (r"Input should be greater than or equal to (?P<known>.*)", "{what}太小了，至少是 {known}"),
    (r"Input should be less than or equal to (?P<known>.*)", "{what}太大了，最多是 {known}"),
    (r"Option '(?P<given>.*)' requires an argument\.", "{given} 后面还要写一个值"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((?P<given>.*)\)", "多写了 {given}"),
)
_CONFIG = "--config"


def usage_in_words(error: TyperException) -> str:
    """Return one line on what is wrong and where to look; the usage itself where only a part of a command was given."""
    said = str(error)
    if said.startswith("Usage:"):
        return said
    known = ((re.fullmatch(pattern, said), words) for pattern, words in _IN_WORDS)
    found = next(((match, words) for match, words in known if match), None)
    if found:
        parts = {name: value.replace("'", "").replace(", ", "、") for name, value in found[0].groupdict().items()}
        said = found[1].format(what=_what(error), **parts)
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "zhucan"
    hint = "；--config 写在命令前面" if getattr(error, "option_name", None) == _CONFIG else ""
    asking = "；问一句话：zhucan ask 问题" if said.endswith("这个命令") and path == "zhucan" else ""
    return f"用法不对：{said.strip()}{hint}；看用法：{path} --help{asking}"


def _what(error: TyperException) -> str:
    """Return what the option or argument that is meant is called."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "这一项"
    if parameter.param_type_name == "option":
        return f" {parameter.opts[-1]} "
    return f"“{parameter.help or parameter.name}”"
