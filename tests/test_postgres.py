"""The PostgreSQL server of the tests: found or missed loudly enough."""

from __future__ import annotations

import pytest

from tests import postgres


def test_without_programs_tests_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    with pytest.raises(pytest.skip.Exception, match="no PostgreSQL programs"):
        postgres.needed_binaries()


def test_in_continuous_integration_they_fail_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    with pytest.raises(pytest.fail.Exception, match="no PostgreSQL programs"):
        postgres.needed_binaries()
