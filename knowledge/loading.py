"""From a folder of YAML files to :class:`Knowledge`, with the place of every fault.

Every ``*.yaml`` below the folder may hold any of the sections of :class:`_Document`; the files
are put together in the order of their paths. Shape is checked here, meaning in ``checking``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.faults import Fault, KnowledgeError
from knowledge.model import (
    Action,
    Concept,
    Contact,
    HeldOut,
    Knowledge,
    Labels,
    Language,
    Outside,
    Plan,
    Policy,
    Safety,
    Signpost,
    _Strict,
)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_SINGLE = ("labels", "plan")
UNKNOWN = "*"
_LONGEST_SHOWN = 40  # characters of a wrong value
_DEEP = re.compile(r"(?:[\[{]\s*){30}|(?:[-?]\s+){30}")  # the parser would overflow the stack


@dataclass(frozen=True)
class _Document(_Strict):
    """One YAML file: any of these sections."""

    labels: Labels | None = None
    plan: Plan | None = None
    contacts: tuple[Contact, ...] = ()
    policies: tuple[Policy, ...] = ()
    signposts: tuple[Signpost, ...] = ()
    safety: tuple[Safety, ...] = ()
    actions: tuple[Action, ...] = ()
    outside: tuple[Outside, ...] = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    concepts: tuple[Concept, ...] = ()
    hard_words: tuple[str, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    towns: tuple[str, ...] = ()


_DOCUMENT = TypeAdapter(_Document)


@dataclass(frozen=True)
class Place:
    """A node of a YAML file, so that a fault found later can still name line and column."""

    path: Path
    node: yaml.Node

    def fault(self, entry: str, message: str, *loc: str | int) -> Fault:
        """Return a fault at the part of this node that ``loc`` leads to (or as near as it gets)."""
        node = _walk(self.node, loc)
        mark = node.start_mark
        return Fault(self.path, mark.line + 1, mark.column + 1, entry, message)


@dataclass(frozen=True)
class Loaded:
    """What the files hold, and where each item of a section stands: ``places[section][index]``.

    ``broken`` names the ids of what had to be left out because its shape is wrong: others may refer
    to it all the same. It holds :data:`UNKNOWN` where not even the ids could be read.
    """

    knowledge: Knowledge
    places: Mapping[str, tuple[Place, ...]]
    broken: frozenset[str]

    def may_have(self, entry: str) -> bool:
        """Whether an entry with this id may stand in what had to be left out."""
        return entry in self.broken or UNKNOWN in self.broken


@dataclass
class _Reading:
    """What has been gathered while the files of a folder are read."""

    faults: list[Fault] = field(default_factory=list)
    documents: list[tuple[Path, yaml.Node, _Document]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


def load(folder: Path) -> Knowledge:
    """Load the knowledge in ``folder``.

    Raises:
        KnowledgeError: with every fault of shape, each with file, line and column.

    """
    faults, loaded = load_what_can_be(folder)
    if faults or loaded is None:
        raise KnowledgeError(faults)
    return loaded.knowledge


def load_what_can_be(folder: Path) -> tuple[list[Fault], Loaded | None]:
    """Return every fault of shape in ``folder``, and what is left when the broken items are left out.

    The second is None where too little is left to speak of knowledge: no plan, or no labels.
    """
    reading = _Reading()
    paths = knowledge_files(folder)
    if not paths:
        return [Fault(folder, 1, 1, "", "这里没有知识文件（*.yaml）；请检查 knowledge 这一项设置指向的文件夹")], None
    for path in paths:
        _read(path, reading)
    reading.faults += (
        Fault(path, 1, 1, "", "文件名要以 .yaml 结尾，不然不会读；请改名") for path in sorted(folder.glob("**/*.yml"))
    )
    lacking = list(_missing_or_repeated(folder, reading.documents))
    reading.faults += _word_replaced_twice(reading.documents)
    if lacking:
        return (reading.faults or lacking), None
    return reading.faults, _merge(reading)


def _read(path: Path, reading: _Reading) -> None:
    node = _compose(path, reading.faults)
    if node is None:
        reading.broken.add(UNKNOWN)
        return
    unfit = list(_unfit_nodes(path, node, "", set()))
    document = None if unfit else _validate(path, node, reading)
    reading.faults += unfit
    if document is None:
        reading.broken |= set(_ids_below(node))
    else:
        reading.documents.append((path, node, document))


def _ids_below(node: yaml.Node) -> Iterator[str]:
    """The ids of all items of the sections of a document."""
    sections = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else []
    for section in sections:
        for item in section.value if isinstance(section, yaml.SequenceNode) else []:
            if entry := _entry_id(item):
                yield entry


def knowledge_files(folder: Path) -> list[Path]:
    """Return the knowledge files below ``folder``, sorted; hidden files and folders don't count."""
    return sorted(
        path
        for path in folder.glob("**/*.yaml")
        if not path.is_dir() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _compose(path: Path, faults: list[Fault]) -> yaml.Node | None:
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


def _unfit_nodes(path: Path, node: yaml.Node, entry: str, met: set[int]) -> Iterator[Fault]:
    """Repeated keys, keys that are no plain words, and nodes that stand in two places (aliases)."""

    def fault(where: yaml.Node, message: str) -> Fault:
        return Fault(path, where.start_mark.line + 1, where.start_mark.column + 1, entry, message)

    if id(node) in met:
        yield fault(node, "用了 YAML 的别名（& 和 *）；请把内容写两遍")
        return
    met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        entry = _entry_id(node) or entry
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                yield fault(key, "键要写成一个词")
                continue
            line = key.start_mark.line + 1
            if key.value in first:
                yield fault(key, f"“{key.value}”写了两次（第一次在第 {first[key.value]} 行）；请合成一处")
            first.setdefault(key.value, line)
            yield from _unfit_nodes(path, value, entry, met)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _unfit_nodes(path, item, entry, met)


def _entry_id(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""


def _validate(path: Path, node: yaml.Node, reading: _Reading) -> _Document | None:
    """Validate one file; what is broken is named, cut out of ``node``, and the rest tried again."""
    try:
        data = _construct(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or node.start_mark
        reading.faults.append(Fault(path, mark.line + 1, mark.column + 1, "", f"这里的写法读不懂（{error.problem}）"))
        return None
    try:
        return _DOCUMENT.validate_python(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    for detail in details:
        loc = detail["loc"]
        entry = _entry_id(_walk(node, loc[:2])) if len(loc) >= 2 else ""
        reading.faults.append(Place(path, node).fault(entry, _in_words(detail), *_on_key(detail, loc)))
    reading.broken |= set(_cut_out(node, [detail["loc"] for detail in details]))
    try:
        return _DOCUMENT.validate_python(_construct(node))
    except (ValidationError, yaml.YAMLError):
        return None


def _cut_out(node: yaml.Node, locs: list[tuple[str | int, ...]]) -> Iterator[str]:
    """Remove the items that ``locs`` lead into from ``node``, yielding their ids."""
    if not isinstance(node, yaml.MappingNode):
        return
    for section in {loc[0] for loc in locs if loc}:
        value = _walk(node, (section,))
        items = {loc[1] for loc in locs if len(loc) > 1 and loc[0] == section and isinstance(loc[1], int)}
        if isinstance(value, yaml.SequenceNode) and items:
            for index in sorted(items, reverse=True):
                yield _entry_id(value.value.pop(index))
        else:
            node.value = [pair for pair in node.value if pair[0].value != section]
            yield UNKNOWN


class _Constructor(yaml.constructor.SafeConstructor):
    """Leaves dates as text: pydantic reads them, and can say where one is wrong."""

    yaml_constructors: ClassVar = {
        **yaml.constructor.SafeConstructor.yaml_constructors,
        "tag:yaml.org,2002:timestamp": yaml.constructor.SafeConstructor.construct_yaml_str,
    }


def _construct(node: yaml.Node) -> Any:
    return _Constructor().construct_document(node)


def _on_key(detail: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """An unknown key is shown at the key itself, not at its value."""
    return (*loc, "<key>") if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument") else loc


def _walk(node: yaml.Node, loc: tuple[str | int, ...]) -> yaml.Node:
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


def _in_words(detail: Any) -> str:
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


def _missing_or_repeated(folder: Path, documents: list[tuple[Path, yaml.Node, _Document]]) -> Iterator[Fault]:
    for section in _SINGLE:
        holders = [(path, node) for path, node, document in documents if getattr(document, section)]
        if not holders:
            yield Fault(folder, 1, 1, "", f"哪个文件里都没有“{section}”；请补上这一节")
        for path, node in holders[1:]:
            yield Place(path, node).fault("", f"“{section}”在 {holders[0][0]} 里已经有了；只留一处", section, "<key>")


def _word_replaced_twice(documents: list[tuple[Path, yaml.Node, _Document]]) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for path, node, document in documents:
        for word in document.replace:
            if word in first:
                message = f"“{word}”在 {first[word].name} 里已经换过了；只留一处"
                yield Place(path, node).fault("", message, "replace", word, "<key>")
            first.setdefault(word, path)


def _merge(reading: _Reading) -> Loaded:
    merged: dict[str, Any] = {}
    places: dict[str, tuple[Place, ...]] = {}
    for section in (f.name for f in fields(_Document)):
        values = [(path, node, getattr(document, section)) for path, node, document in reading.documents]
        values = [value for value in values if value[2]]
        if section in _SINGLE:
            path, node, merged[section] = values[0]
            places[section] = (Place(path, _walk(node, (section,))),)
        elif section == "replace":
            merged[section] = {word: usual for _, _, words in values for word, usual in words.items()}
            places[section] = tuple(Place(path, _walk(node, (section,))) for path, node, _ in values)
        else:
            merged[section] = tuple(item for _, _, items in values for item in items)
            places[section] = tuple(
                Place(path, _walk(node, (section, index)))
                for path, node, items in values
                for index in range(len(items))
            )
    language = Language(merged.pop("replace"), merged.pop("concepts"), merged.pop("hard_words"))
    return Loaded(Knowledge(language=language, **merged), places, frozenset(reading.broken))
