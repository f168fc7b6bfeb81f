"""A YAML file as it was written: its nodes, what is unfit in them, and where everything stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from knowledge.faults import Fault

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_SHOWN = 40  # characters of a wrong value
_DEEP = re.compile(r"(?:[\[{]\s*){30}|(?:[-?]\s+){30}")  # the parser would overflow the stack


@dataclass(frozen=True)
class Place:
    """A node of a YAML file, so that a fault found later can still name line and column.

    ``samples``: where those of an entry's questions stand that come after the ones written in its node.
    """

    path: Path
    node: yaml.Node
    samples: tuple[Place, ...] = ()

    def fault(self, entry: str, message: str, *loc: str | int) -> Fault:
        """Return a fault at the part of this node that ``loc`` leads to (or as near as it gets)."""
        sample = self.sample(*loc)
        if sample is not None:
            return sample.fault(entry, message, "question")
        node = walk(self.node, loc)
        mark = node.start_mark
        return Fault(self.path, mark.line + 1, mark.column + 1, entry, message)

    def sample(self, *loc: str | int) -> Place | None:
        """Return where the sample stands that ``loc`` leads to, None for what is written in the node itself."""
        if not self.samples or len(loc) != 2 or loc[0] != "questions":
            return None
        written = walk(self.node, ("questions",))
        first = len(written.value) if isinstance(written, yaml.SequenceNode) else 0
        place = int(loc[1]) - first
        return self.samples[place] if 0 <= place < len(self.samples) else None


def compose(path: Path, faults: list[Fault]) -> yaml.Node | None:
    """Return the root of the file, None where it cannot be read: then ``faults`` gets to know why."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if deep := _DEEP.search(text):
            line = text.count("\n", 0, deep.start()) + 1
            faults.append(Fault(path, line, 1, "", "这里一层套一层，太深了；请拆开写"))
            return None
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(path, 1, 1, "", f"读不了这个文件（{error}）；请存成 UTF-8 文本"))
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        faults.append(Fault(path, line, column, "", f"不是合法的 YAML（{error.problem}）；请检查缩进和引号"))
        return None
    except yaml.YAMLError as error:
        faults.append(Fault(path, 1, 1, "", f"不是合法的 YAML（{error}）；请检查有没有看不见的字符"))
        return None
    if node is None:
        faults.append(Fault(path, 1, 1, "", "文件是空的；请写内容或者删掉它"))
        return None
    return node


def unfit_nodes(path: Path, node: yaml.Node, entry: str, met: set[int]) -> Iterator[Fault]:
    """Repeated keys, keys that are no plain words, and nodes that stand in two places (aliases)."""

    def fault(where: yaml.Node, message: str) -> Fault:
        return Fault(path, where.start_mark.line + 1, where.start_mark.column + 1, entry, message)

    if id(node) in met:
        yield fault(node, "用了 YAML 的别名（& 和 *）；请把内容写两遍")
        return
    met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        entry = entry_id(node) or entry
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                yield fault(key, "键要写成一个词")
                continue
            line = key.start_mark.line + 1
            if key.value in first:
                yield fault(key, f"“{key.value}”写了两次（第一次在第 {first[key.value]} 行）；请合成一处")
            first.setdefault(key.value, line)
            yield from unfit_nodes(path, value, entry, met)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from unfit_nodes(path, item, entry, met)


def entry_id(node: yaml.Node) -> str:
    """Return the id that stands in ``node``, empty for none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""


class _Constructor(yaml.constructor.SafeConstructor):
    """Leaves dates as text: pydantic reads them, and can say where one is wrong."""

    yaml_constructors: ClassVar = {
        **yaml.constructor.SafeConstructor.yaml_constructors,
        "tag:yaml.org,2002:timestamp": yaml.constructor.SafeConstructor.construct_yaml_str,
    }


def construct(node: yaml.Node) -> Any:
    """Return the values of ``node``. Raises yaml.MarkedYAMLError."""
    return _Constructor().construct_document(node)


def on_key(detail: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """An unknown key is shown at the key itself, not at its value."""
    return (*loc, "<key>") if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument") else loc


def walk(node: yaml.Node, loc: tuple[str | int, ...]) -> yaml.Node:
    """Return the part of ``node`` that ``loc`` leads to, or as near as it gets."""
    for step, following in zip(loc, [*loc, None][1:], strict=True):
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                return node
            if following == "<key>":
                key: yaml.Node = pair[0]
                return key
            node = pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return node
    return node


def in_words(detail: Any) -> str:
    """Say a pydantic fault in Chinese: what is wrong and what would do."""
    kind, name = detail["type"], detail["loc"][-1] if detail["loc"] else "文件"
    got = _shortened(detail.get("input"))
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"不认识的键“{name}”；请改正拼写或者删掉"
    if kind in ("missing", "missing_argument"):
        return f"少了“{name}”；请补上"
    if kind == "string_type":
        return f"“{name}”要写成文字，这里是 {got}；请加上引号"
    if kind in ("tuple_type", "list_type"):
        return f"“{name}”要写成列表（每行以 - 开头），这里是 {got}"
    if kind.startswith("date"):
        return f"“{name}”要写成日期，例如 2024-12-31，这里是 {got}"
    if kind in ("dataclass_type", "mapping_type", "dict_type"):
        return f"“{name}”要写成“键: 值”的形式，这里是 {got}"
    return f"“{name}”不对：{detail['msg']}"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
