"""What a machine lacks is said, and missed loudly where nothing may be skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import needs, postgres


def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    postgres.needed_binaries()


def no_setpriv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres.shutil, "which", lambda _: None)
    postgres.as_another_user()


def no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with needs.small_disk(Path("never/made"), "1m"):
        raise AssertionError("not mounted")


LACKS = pytest.mark.parametrize(
    ("lack", "said"),
    [
        (no_programs, "no PostgreSQL programs"),
        (no_setpriv, "refuses to run as root"),
        (no_root, "only root can mount a disk"),
    ],
)


@LACKS
def test_what_is_missing_is_the_reason_to_skip(lack, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=said):
        lack(monkeypatch)


@LACKS
def test_in_continuous_integration_nothing_is_skipped(lack, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=said):
        lack(monkeypatch)
