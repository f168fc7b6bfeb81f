"""From a folder of YAML files to :class:`Knowledge`, with the place of every fault.

Every ``*.yaml`` below the folder may hold any of the sections of :class:`_Document`; the files
are put together in the order of their paths. Shape is checked here, meaning in ``checking``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

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
    Scope,
    Signpost,
    _Strict,
)
from knowledge.overlay import SECTIONS, Sample, read_samples, with_samples
from knowledge.written import Place, compose, construct, entry_id, in_words, on_key, unfit_nodes, walk

_NEEDED = ("labels", "plan")
_SINGLE = (*_NEEDED, "scope")
UNKNOWN = "*"


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
    openings: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    towns: tuple[str, ...] = ()
    scope: Scope | None = None


_DOCUMENT = TypeAdapter(_Document)


@dataclass(frozen=True)
class Loaded:
    """What the files hold, and where each item of a section stands: ``places[section][index]``.

    ``broken`` names the ids of what had to be left out because its shape is wrong: others may refer
    to it all the same. It holds :data:`UNKNOWN` where not even the ids could be read. ``samples`` are those of the
    overlay; they stand among the questions of their entries already, unless there is no such entry.
    """

    knowledge: Knowledge
    places: Mapping[str, tuple[Place, ...]]
    broken: frozenset[str]
    samples: tuple[tuple[Sample, Place], ...] = ()

    def may_have(self, entry: str) -> bool:
        """Whether an entry with this id may stand in what had to be left out."""
        return entry in self.broken or UNKNOWN in self.broken


@dataclass
class _Reading:
    """What has been gathered while the files of a folder are read."""

    faults: list[Fault] = field(default_factory=list)
    documents: list[tuple[Path, yaml.Node, _Document]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


def load(folder: Path, overlay: Path | None = None) -> Knowledge:
    """Load the knowledge in ``folder``, with the samples of ``overlay`` if there is such a file.

    Raises:
        KnowledgeError: with every fault of shape, each with file, line and column.

    """
    faults, loaded = load_what_can_be(folder, overlay)
    if faults or loaded is None:
        raise KnowledgeError(faults)
    return loaded.knowledge


def load_what_can_be(folder: Path, overlay: Path | None = None) -> tuple[list[Fault], Loaded | None]:
    """Return every fault of shape in ``folder`` and ``overlay``, and what is left when the broken items are left out.

    The second is None where too little is left to speak of knowledge: no plan, or no labels.
    """
    reading = _Reading()
    paths = knowledge_files(folder, overlay)
    if not paths:
        return [Fault(folder, 1, 1, "", "这里没有知识文件（*.yaml）；请检查 knowledge 这一项设置指向的文件夹")], None
    for path in paths:
        _read(path, reading)
    reading.faults += (
        Fault(path, 1, 1, "", "文件名要以 .yaml 结尾，不然不会读；请改名") for path in sorted(folder.glob("**/*.yml"))
    )
    samples = read_samples(overlay, reading.faults) if overlay else []
    lacking = list(_missing_or_repeated(folder, reading.documents))
    reading.faults += _word_replaced_twice(reading.documents)
    if lacking:
        return (reading.faults or lacking), None
    return reading.faults, _overlaid(_merge(reading), samples)


def _read(path: Path, reading: _Reading) -> None:
    node = compose(path, reading.faults)
    if node is None:
        reading.broken.add(UNKNOWN)
        return
    unfit = list(unfit_nodes(path, node, "", set()))
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
            if entry := entry_id(item):
                yield entry


def knowledge_files(folder: Path, overlay: Path | None = None) -> list[Path]:
    """Return the knowledge files below ``folder``, sorted; hidden files and folders, and ``overlay``, don't count."""
    found = sorted(
        path
        for path in folder.glob("**/*.yaml")
        if not path.is_dir() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if overlay is None or not overlay.resolve().is_relative_to(folder.resolve()):
        return found
    return [path for path in found if path.resolve() != overlay.resolve()]


def _validate(path: Path, node: yaml.Node, reading: _Reading) -> _Document | None:
    """Validate one file; what is broken is named, cut out of ``node``, and the rest tried again."""
    try:
        data = construct(node)
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
        entry = entry_id(walk(node, loc[:2])) if len(loc) >= 2 else ""
        reading.faults.append(Place(path, node).fault(entry, in_words(detail), *on_key(detail, loc)))
    reading.broken |= set(_cut_out(node, [detail["loc"] for detail in details]))
    try:
        return _DOCUMENT.validate_python(construct(node))
    except (ValidationError, yaml.YAMLError):
        return None


def _cut_out(node: yaml.Node, locs: list[tuple[str | int, ...]]) -> Iterator[str]:
    """Remove the items that ``locs`` lead into from ``node``, yielding their ids."""
    if not isinstance(node, yaml.MappingNode):
        return
    for section in {loc[0] for loc in locs if loc}:
        value = walk(node, (section,))
        items = {loc[1] for loc in locs if len(loc) > 1 and loc[0] == section and isinstance(loc[1], int)}
        if isinstance(value, yaml.SequenceNode) and items:
            for index in sorted(items, reverse=True):
                yield entry_id(value.value.pop(index))
        else:
            node.value = [pair for pair in node.value if pair[0].value != section]
            yield UNKNOWN


def _missing_or_repeated(folder: Path, documents: list[tuple[Path, yaml.Node, _Document]]) -> Iterator[Fault]:
    for section in _SINGLE:
        holders = [(path, node) for path, node, document in documents if getattr(document, section)]
        if not holders and section in _NEEDED:
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
        places[section] = ()
        if section in _SINGLE:
            for path, node, merged[section] in values[:1]:
                places[section] = (Place(path, walk(node, (section,))),)
        elif section == "replace":
            merged[section] = {word: usual for _, _, words in values for word, usual in words.items()}
            places[section] = tuple(Place(path, walk(node, (section,))) for path, node, _ in values)
        else:
            merged[section] = tuple(item for _, _, items in values for item in items)
            places[section] = tuple(
                Place(path, walk(node, (section, index))) for path, node, items in values for index in range(len(items))
            )
    language = Language(**{each.name: merged.pop(each.name) for each in fields(Language)})
    return Loaded(Knowledge(language=language, **merged), places, frozenset(reading.broken))


def _overlaid(loaded: Loaded, samples: list[tuple[Sample, Place]]) -> Loaded:
    """Put the ``samples`` behind the questions of their entries, and their places behind those of the questions."""
    if not samples:
        return loaded
    places = dict(loaded.places)
    for section, prefix in SECTIONS.items():
        places[section] = tuple(
            replace(place, samples=tuple(at for sample, at in samples if sample.entry == f"{prefix}{entry.id}"))
            for entry, place in zip(getattr(loaded.knowledge, section), loaded.places[section], strict=True)
        )
    knowledge = with_samples(loaded.knowledge, [sample for sample, _ in samples])
    return replace(loaded, knowledge=knowledge, places=places, samples=tuple(samples))
