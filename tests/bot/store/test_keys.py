"""The key file, and what is done with the keys."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from bot.store import KeyFileError, Keys, UnreadableError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_run_makes_a_private_file_in_a_private_folder_and_says_so(key_file: Path) -> None:
    said: list[str] = []
    Keys.open(key_file, said.append)
    assert (mode(key_file), mode(key_file.parent)) == (0o600, 0o700)
    assert len(said) == 1
    assert str(key_file) in said[0]


def test_the_second_run_takes_the_same_keys_without_a_word(keys: Keys) -> None:
    again = Keys.open(keys.file, pytest.fail)
    assert again.decrypt(keys.encrypt("周桂芳")) == "周桂芳"
    assert again.phone_hash("13800138000") == keys.phone_hash("13800138000")


def test_nothing_is_left_beside_the_key_file(keys: Keys) -> None:
    keys.rotated()
    assert [file.name for file in keys.file.parent.iterdir()] == [keys.file.name]


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(keys: Keys, rights: int) -> None:
    keys.file.chmod(rights)
    with pytest.raises(KeyFileError, match="chmod 600"):
        Keys.open(keys.file, pytest.fail)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"null", b'{"keys": [], "receipts": "AAAA"}', b'{"keys": 5}', b"\xff\xfe", b'{"keys": [{}]}',
     b'{"keys": [{"made": "x", "encrypt": "c2hvcnQ=", "hash": "AAAA"}], "receipts": "AAAA"}'],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_and_left_alone(key_file: Path, content: bytes) -> None:
    key_file.parent.mkdir()
    key_file.write_bytes(content)
    key_file.chmod(0o600)
    with pytest.raises(KeyFileError, match="另存"):
        Keys.open(key_file, pytest.fail)
    assert key_file.read_bytes() == content


def test_a_fault_never_shows_a_key(keys: Keys) -> None:
    content = json.loads(keys.file.read_text())
    secret = content["keys"][0]["encrypt"]
    content["keys"][0]["encrypt"] = secret[:-5]
    keys.file.write_text(json.dumps(content))
    with pytest.raises(KeyFileError) as caught:
        Keys.open(keys.file, pytest.fail)
    assert secret[:-5] not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_said_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="file"):
        Keys.open(tmp_path / "file" / "keys.json", pytest.fail)


@pytest.mark.parametrize("text", ["", "周桂芳", "\ud83d", "\x00", "a" * 100_000])
def test_any_text_can_be_encrypted(keys: Keys, text: str) -> None:
    assert keys.decrypt(keys.encrypt(text)) == text


def test_the_same_text_never_looks_the_same(keys: Keys) -> None:
    assert keys.encrypt("周桂芳") != keys.encrypt("周桂芳")


def test_changed_data_is_unreadable(keys: Keys) -> None:
    sealed = bytearray(keys.encrypt("周桂芳"))
    sealed[40] ^= 1
    with pytest.raises(UnreadableError):
        keys.decrypt(bytes(sealed))


def test_other_keys_read_and_hash_nothing_alike(keys: Keys, tmp_path: Path) -> None:
    other = Keys.open(tmp_path / "other.json", lambda _: None)
    with pytest.raises(UnreadableError):
        other.decrypt(keys.encrypt("周桂芳"))
    assert other.phone_hash("13800138000") != keys.phone_hash("13800138000")


def test_phones_and_receipts_with_the_same_digits_hash_differently(keys: Keys) -> None:
    assert len({keys.phone_hash("12345678"), keys.receipt_hash("12345678"), keys.seal("12345678")}) == 3


def test_after_a_new_key_the_old_one_still_reads(keys: Keys) -> None:
    sealed = keys.encrypt("周桂芳")
    new = keys.rotated()
    assert new.rotating
    assert new.decrypt(sealed) == "周桂芳"
    assert new.phone_hashes("1")[1] == keys.phone_hash("1")
    assert new.receipt_hash("1") == keys.receipt_hash("1")
    assert mode(new.file) == 0o600


def test_keys_in_use_follow_the_file(keys: Keys) -> None:
    running = Keys.open(keys.file, pytest.fail)
    new = keys.rotated()
    sealed = new.encrypt("周桂芳")
    assert running.decrypt(sealed) == "周桂芳"  # without being told
    assert new.renewed(running.encrypt("x")) is None
    assert not running.refresh()


def test_renewing_encrypts_with_the_newest_key(keys: Keys) -> None:
    sealed = keys.encrypt("周桂芳")
    new = keys.rotated()
    renewed = new.renewed(sealed)
    assert renewed is not None
    assert new.without_old().decrypt(renewed) == "周桂芳"
    assert not Keys.open(keys.file, pytest.fail).rotating
    with pytest.raises(UnreadableError):
        Keys.open(keys.file, pytest.fail).decrypt(sealed)


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_text("{")])
def test_a_running_bot_keeps_its_keys_when_the_file_is_lost_or_spoilt(keys: Keys, spoil, caplog) -> None:
    sealed = keys.encrypt("周桂芳")
    spoil(keys.file)
    assert not keys.refresh()
    assert keys.decrypt(sealed) == "周桂芳"
    with pytest.raises(KeyFileError):
        keys.reload()


def test_two_first_runs_at_once_agree(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link
    others: list[Keys] = []

    def slow(source: str, target: str) -> None:
        if not others:
            monkeypatch.setattr(os, "link", link)
            others.append(Keys.open(key_file, lambda _: None))
        link(source, target)

    monkeypatch.setattr(os, "link", slow)
    keys = Keys.open(key_file, pytest.fail)
    assert others[0].decrypt(keys.encrypt("x")) == "x"


def test_a_changed_file_that_others_can_read_is_taken_up_once_that_is_put_right(keys: Keys) -> None:
    changed = Keys.open(keys.file, pytest.fail).rotated()
    keys.file.chmod(0o644)
    assert not keys.refresh()
    keys.file.chmod(0o600)
    assert keys.refresh()
    assert keys.decrypt(changed.encrypt("周桂芳")) == "周桂芳"


def test_a_file_that_cannot_be_used_is_told_of_once(keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    Keys.open(keys.file, pytest.fail).rotated()
    keys.file.chmod(0o644)
    assert not any(keys.refresh() for _ in range(3))
    assert len(caplog.records) == 1


def test_fixed_keys_read_what_older_ones_did_and_do_not_follow_the_file(keys: Keys) -> None:
    before, old = keys.fixed(), keys.encrypt("旧")
    keys.rotated()
    keys.reload()
    keys.without_old()
    keys.reload()
    fixed = keys.fixed(before)
    keys.rotated()
    assert not fixed.refresh()
    assert fixed.decrypt(old) == "旧"
    assert keys.decrypt(fixed.encrypt("新")) == "新"
