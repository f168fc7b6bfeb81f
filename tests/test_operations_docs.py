"""What the pages for operators say is there, is there; and what is there for them, they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from prometheus_client import Metric

from bot.cli import cli
from bot.service.metrics import Metrics
from bot.settings import Settings
from bot.store.errors import Reason
from bot.store.tables import metadata

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
PAGES = {"operations.md": OPERATIONS, "privacy.md": PRIVACY}
EXAMPLE = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
FORM = yaml.safe_load((ROOT / "bot" / "forms" / "jobseeker.yaml").read_text(encoding="utf-8"))
UNITS = ["zhucan.service", "zhucan-backup.service"]


def section(page: str, heading: str) -> str:
    """The part of a page under ``heading``, up to the next of its kind."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, flags=re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def first_column(text: str) -> list[str]:
    """What stands in backquotes in the first column of the tables of ``text``."""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit: the values of each key, in order."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "deploy" / name).read_text(encoding="utf-8").splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def keys_of_settings() -> set[str]:
    return {f"{part}.{key}" for part, keys in EXAMPLE.items() for key in keys}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_exists(page: str) -> None:
    shown = set(re.findall(r"(?:^|`|/bin/)zhucan ([a-z][a-z-]*)", PAGES[page], flags=re.MULTILINE))
    existing = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
    existing |= {str(group.name or group.typer_instance.info.name) for group in cli.registered_groups}
    assert shown <= existing


def test_every_command_for_the_database_is_explained() -> None:
    for command in ("backup", "restore", "migrate", "purge", "rotate-key", "forget"):
        assert f"zhucan {command}" in OPERATIONS


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_named_exists(page: str) -> None:
    parts = "|".join(Settings.model_fields)
    named = set(re.findall(rf"`((?:{parts})\.[a-z_]+)", PAGES[page]))
    assert named
    assert named <= keys_of_settings()


def test_every_setting_in_an_example_exists() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", OPERATIONS, flags=re.DOTALL)
    shown = {f"{part}.{key}" for block in blocks for part, keys in yaml.safe_load(block).items() for key in keys}
    assert shown
    assert shown <= keys_of_settings()


def test_every_variable_shown_names_a_setting() -> None:
    text = OPERATIONS + "".join((ROOT / "deploy" / name).read_text(encoding="utf-8") for name in UNITS)
    named = {name.lower().replace("__", ".") for name in re.findall(r"ZHUCAN_([A-Z_]+__[A-Z_]+)", text)}
    assert named
    assert named <= keys_of_settings()


def test_the_metrics_named_are_those_there_are() -> None:
    families: list[Metric] = list(Metrics().registry.collect())
    there = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    ours = {name for name in there if name.startswith("zhucan_")}
    assert {name for name in first_column(section(OPERATIONS, "Monitoring")) if name.startswith("zhucan_")} >= ours
    named = set(re.findall(r"\bzhucan_[a-z_]+", OPERATIONS))
    assert {name.removesuffix("_bucket") for name in named} <= ours


def test_every_event_of_the_log_named_is_logged_somewhere() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").rglob("*.py"))
    events = first_column(section(OPERATIONS, "Logs"))
    assert events
    assert [event for event in events if f'"{event}"' not in code] == []


def test_every_reason_why_the_database_is_gone_is_explained() -> None:
    reasons = set(get_args(Reason)) - {"other"}
    assert set(first_column(section(OPERATIONS, "When the disk is full, read-only or locked"))) >= reasons


def test_every_table_is_described() -> None:
    described = first_column(section(PRIVACY, "Where it is stored, and how long"))
    assert set(described) == set(metadata.tables)


def test_nothing_more_of_a_registration_is_readable_without_the_key() -> None:
    """What is readable without the key is a promise: a new plain column has to be told of here."""
    plain = {column.name for column in metadata.tables["registrations"].c if not column.info.get("sealed")}
    told = {"receipt", "chat", "whom", "town", "phone_hash", "phone_shared", "created", "updated"}
    assert plain == told


@pytest.mark.parametrize(
    "key",
    [
        "registration.keep_months",
        "retention.questions_days",
        "retention.conversations_days",
        "retention.drafts_days",
        "retention.dead_letters_days",
    ],
)
def test_how_long_things_are_kept_is_told_as_it_is_set(key: str) -> None:
    part, name = key.split(".")
    assert re.search(rf"`{re.escape(key)}` \({EXAMPLE[part][name]}\b", PRIVACY)


def test_everything_that_the_form_asks_is_told() -> None:
    told = section(PRIVACY, "What is asked, and what never") + section(PRIVACY, "Why, and on what ground")
    asked = [step["label"] for step in FORM["steps"] if step["id"] != "consent"]
    assert [label for label in asked if label not in told] == []


def test_the_backups_are_kept_as_long_as_people_are_told() -> None:
    (clearing,) = unit("zhucan-backup.service")["ExecStartPost"]
    assert "-mtime +29 " in clearing  # find counts whole days: what is 30 days old goes
    assert "-name" not in clearing  # whatever it is called: a copy made by hand holds the same
    assert f"* * * {clearing.removeprefix('/usr/bin/')}\n" in OPERATIONS  # where there is no systemd
    assert "older than 30 days" in OPERATIONS
    assert "30 days" in section(PRIVACY, "What remains after a deletion")


@pytest.mark.parametrize("name", UNITS)
def test_the_units_use_the_folders_of_the_page(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    paths = set(re.findall(r"/(?:etc|opt|var)/[a-z/.-]*zhucan[a-z/.-]*", text))
    assert [path for path in paths if path.rstrip("/.-") not in OPERATIONS] == []


def test_the_key_lies_in_another_folder_than_the_database() -> None:
    store = next(
        found["store"]
        for block in re.findall(r"```yaml\n(.*?)```", OPERATIONS, flags=re.DOTALL)
        if "store" in (found := yaml.safe_load(block))
    )
    database = Path(store["url"].removeprefix("sqlite:///")).parent
    key = Path(store["key_file"]).parent
    assert database not in (key, *key.parents)
    folders = {f"/var/lib/{folder}" for folder in unit("zhucan.service")["StateDirectory"][0].split()}
    assert {str(database), str(key)} == folders


@pytest.mark.parametrize("name", UNITS)
def test_the_units_are_closed(name: str) -> None:
    service = unit(name)
    assert service["User"] == ["zhucan"]
    assert service["UMask"] == ["0077"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == [""]
    for switch in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "MemoryDenyWriteExecute"):
        assert service[switch] == ["yes"], switch


def test_the_service_may_step_back_behind_itself_and_raise_nothing() -> None:
    assert unit("zhucan.service")["SystemCallFilter"] == ["@system-service", "~@privileged @resources", "setpriority"]


def test_the_token_is_in_no_environment() -> None:
    service = unit("zhucan.service")
    assert not [line for line in service["Environment"] if "TELEGRAM__TOKEN=" in line]
    assert service["LoadCredential"] == ["telegram-token:/etc/zhucan/telegram-token"]


def test_for_a_console_alone_the_page_clears_the_token_and_keeps_the_rest() -> None:
    shown = re.search(r"\[Service\]\n(.*?)```", section(OPERATIONS, "The staff console"), flags=re.DOTALL)
    assert shown
    lines = shown[1].splitlines()
    kept = [f"Environment={value}" for value in unit("zhucan.service")["Environment"] if "TELEGRAM" not in value]
    assert lines == ["LoadCredential=", "Environment=", *kept]


def test_the_backup_cannot_make_a_new_key() -> None:
    assert "zhucan-key" not in unit("zhucan-backup.service")["StateDirectory"][0].split()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", PAGES[page])
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
