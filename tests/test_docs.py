"""What the documents say is there, is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.cli import cli
from knowledge.loading import _Document

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "docs" / "adding-knowledge.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_exists(page: Path) -> None:
    shown = set(re.findall(r"^(?:`|)zhucan (\w+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE))
    existing = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
    existing |= {str(group.name or group.typer_instance.info.name) for group in cli.registered_groups}
    assert shown <= existing


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"make (\w+)", page.read_text(encoding="utf-8"))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_file_of_the_map_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = text[text.index("knowledge/                what it knows") :].split("```")[0]
    room = ROOT
    for line in drawn.splitlines():
        names = re.findall(
            r"[\w.-]+(?:\.py|\.md|/)(?:[\w.-]+/)*", line.split("   ")[0] if line.startswith(" ") else line
        )
        if not line.startswith(" "):
            room = ROOT / names[0]
            assert room.is_dir(), line
        for name in names if line.startswith(" ") else []:
            assert (room / name).exists(), line


def test_the_recipe_names_every_section_of_a_knowledge_file() -> None:
    text = (ROOT / "docs" / "adding-knowledge.md").read_text(encoding="utf-8")
    table = text[text.index("| section |") : text.index("After every change")]
    assert set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:] if row))) == set(
        _Document.__dataclass_fields__
    )


def test_the_examples_of_the_recipes_can_be_pasted_beside_what_is_there() -> None:
    """No id and no question of theirs is taken already, or ``zhucan check`` would find fault with a first try."""
    text = (ROOT / "docs" / "adding-knowledge.md").read_text(encoding="utf-8")
    entries = [
        entry
        for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
        for group in yaml.safe_load(block).values()
        for entry in group
    ]
    assert len(entries) == 2
    shipped = "\n".join(
        file.read_text(encoding="utf-8") for file in sorted((ROOT / "knowledge" / "jiangjin").rglob("*.yaml"))
    )
    lines = {line.strip() for line in shipped.splitlines()}
    for entry in entries:
        assert f"- id: {entry['id']}" not in lines
        assert [question for question in entry["questions"] if f"- {question}" in lines] == []


def test_the_example_of_the_recipe_has_every_field_of_a_policy() -> None:
    text = (ROOT / "docs" / "adding-knowledge.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    assert example
    policy = yaml.safe_load(example[1])["policies"][0]
    shipped = yaml.safe_load(
        (ROOT / "knowledge" / "jiangjin" / "policies" / "05-hard-to-employ.yaml").read_text("utf-8")
    )
    assert list(policy) == list(shipped["policies"][0])
