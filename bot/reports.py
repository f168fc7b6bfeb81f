"""Evaluation and explanation as plain lines that a person, a screen reader or a pipe can take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.evaluation import Figures, Result, separation
from intents import Explanation
from knowledge import Knowledge
from knowledge.text import bare

_IN_SCOPE = (
    ("right", "首答正确 right first"),
    ("offered", "答对或列出 right or offered"),
    ("wrong", "答错 wrong"),
    ("missed", "漏答 missed"),
)
_NONE = (("refused", "拒答 refused"), ("leaked", "误答 leaked"), ("offered_to_none", "列出选项 offered"))
_LOWEST_SHOWN = 0.0005  # what would be written as 0.000
_DISTRESS = (("caught", "识别求助 distress caught"),)


def evaluation_report(knowledge: Knowledge, results: Sequence[Result], misses: int) -> str:
    """Return the figures for all, by label and by style, and the worst ``misses``."""
    return "\n".join(_evaluation_lines(knowledge, results, misses))


def _evaluation_lines(knowledge: Knowledge, results: Sequence[Result], misses: int) -> Iterator[str]:
    yield f"问题 {len(results)} 个"
    samples = {bare(question) for _, entry in knowledge.entries() for question in entry.questions}
    known = sum(bare(result.row.question) in samples for result in results)
    yield f"其中 {known} 个和知识里的问法一字不差"
    yield from _figure_lines(results)
    yield from _separation_line(results)
    for title, group_of in (
        ("按标签", lambda result: result.row.labels[0]),
        ("按说法", lambda result: result.row.style or "（没写）"),
    ):
        yield ""
        yield title
        yield from _group_lines(results, group_of)
    bad = sorted((result for result in results if result.badness), key=lambda result: -result.badness)
    yield ""
    yield f"没答好的 {len(bad)} 个，最糟的在前" + (f"（只列 {misses} 个）" if len(bad) > misses else "")
    for result in bad[:misses]:
        yield _miss_line(result)


def _figure_lines(results: Sequence[Result]) -> Iterator[str]:
    figures = Figures.of(results)
    for name, words in (*_IN_SCOPE, *_NONE, *_DISTRESS, ("alarmed", "误当求助 others taken for distress")):
        yield f"  {getattr(figures, name)}  {words}"


def _separation_line(results: Sequence[Result]) -> Iterator[str]:
    threshold, right = separation(results)
    if right.total and any(result.row.labels == ("none",) for result in results):
        bar = f"首选概率不低于 {threshold:.3f}" if threshold >= _LOWEST_SHOWN else "不管首选概率多低"
        yield f"  {right}  {bar}（放过 5% 答不了的）时答对 right at 5% let through"


def _group_lines(results: Sequence[Result], group_of: Callable[[Result], str]) -> Iterator[str]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(group_of(result), []).append(result)
    for name, members in sorted(groups.items()):
        figures = Figures.of(members)
        shown = [
            f"{words.split()[-1]} {str(share).strip()}"
            for part in (_IN_SCOPE, _NONE, _DISTRESS)
            for field, words in part
            if (share := getattr(figures, field)).total
        ]
        yield f"  {name}：{'，'.join(shown)}"


def _miss_line(result: Result) -> str:
    reading = result.reading
    got = reading.topic or reading.action or "、".join(reading.choices) or "none"
    return (
        f"  [{reading.kind} {reading.score:.2f}] {result.row.question}"
        f" ← 应为 {'、'.join(result.row.labels)}，读成 {got}"
    )


def explanation_report(knowledge: Knowledge, explanation: Explanation) -> str:
    """Return why a text was read as it was: candidates, nearest sample questions, telling pieces."""
    return "\n".join(_explanation_lines(knowledge, explanation))


def _explanation_lines(knowledge: Knowledge, explanation: Explanation) -> Iterator[str]:
    reading = explanation.reading
    yield f"读成：{reading.kind} {reading.topic or reading.action or ''}".rstrip() + f"，把握 {reading.score:.2f}"
    yield f"比较时用的样子：{explanation.normal}"
    if explanation.concepts:
        yield f"认出的意思：{'、'.join(explanation.concepts)}"
    yield "可能的条目："
    for candidate in reading.candidates:
        yield f"  {candidate.probability:.3f} {candidate.key}（{knowledge.by_key[candidate.key].title}）"
    yield "最像的问法："
    for question, key, likeness in explanation.questions:
        yield f"  {likeness:.2f} {question}（{key}）"
    for part, alone in explanation.parts if len(explanation.parts) > 1 else ():
        yield f"单看“{part}”：{alone.kind} {alone.topic or alone.action or ''}".rstrip() + f"，把握 {alone.score:.2f}"
    rival = f"，负数支持 {explanation.rival}" if explanation.rival else ""
    yield f"起作用的字词（正数支持 {explanation.first}{rival}）："
    for piece, share in explanation.features:
        yield f"  {share:+.2f} {piece}"
