"""The keys that personal data is encrypted with, kept in a file of their own, never with the data."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.durable import sync_folder
from bot.os_faults import why
from bot.store.errors import KeyFileError, UnreadableError

_log = logging.getLogger(__name__)
_PRIVATE_FILE, _PRIVATE_FOLDER, _OTHERS = 0o600, 0o700, 0o077
_ABOUT = "助残就业助手的密钥。没有这个文件，数据库和备份都读不出来：请另外存一份，不要和数据库放在一起，不要给别人看。"


@dataclass(frozen=True)
class _Entry:
    """``encrypt`` is a Fernet key, ``hash`` (base64) the key of the phone hashes; both are replaced together."""

    made: str
    encrypt: str
    hash: str


@dataclass(frozen=True)
class _Content:
    """The newest entry comes first and encrypts; the others only read.

    ``receipts`` (base64) is the key of the hashes of receipts and chats. It outlives the others: what was deleted is
    known by nothing but these hashes, so they cannot be made anew.
    """

    keys: tuple[_Entry, ...]
    receipts: str
    about: str = _ABOUT


class Keys:
    """Encrypts, decrypts and hashes with what stands in the key file, and follows the file when it changes.

    ``file`` is where the keys are. More than one key in it means that a change of keys is under way.
    """

    def __init__(self, file: Path, content: _Content, *, follows: bool = True) -> None:
        self.file = file
        self._follows = follows
        self._seen = _identity(file)
        self._refused: tuple[int, ...] | None = None
        self._older: tuple[Keys, ...] = ()
        self._use(content)

    @classmethod
    def open(cls, file: Path, say: Callable[[str], None]) -> Keys:
        """Read the key file; make it on the first run and ``say`` so. Raises :class:`KeyFileError`."""
        try:
            content = _read(file)
        except FileNotFoundError:
            if _make(file):
                say(f"已生成密钥文件 {file}。没有它，登记资料读不出来：请马上另外存一份，和数据库分开放。")
            content = _read_now(file)
        return cls(file, content)

    def _use(self, content: _Content) -> None:
        self._content = content
        self._newest = Fernet(content.keys[0].encrypt)
        self._all = MultiFernet([self._newest, *(Fernet(entry.encrypt) for entry in content.keys[1:])])
        self._phone_keys = tuple(base64.b64decode(entry.hash) for entry in content.keys)
        self._receipts = base64.b64decode(content.receipts)

    @property
    def rotating(self) -> bool:
        """Whether old keys are still there, because something may be encrypted with them."""
        return len(self._content.keys) > 1

    def encrypt(self, text: str) -> bytes:
        """Return ``text`` encrypted with the newest key. Any string will do, half surrogates too."""
        return self._newest.encrypt(text.encode("utf-8", "surrogatepass"))

    def decrypt(self, data: bytes) -> str:
        """Return the text of ``data``, whichever key it was encrypted with. Raises :class:`UnreadableError`."""
        try:
            plain = self._all.decrypt(data)
        except InvalidToken:
            plain = self._decrypt_with_changed_keys(data)
        return plain.decode("utf-8", "surrogatepass")

    def can_read(self, data: bytes | None) -> bool:
        """Whether ``data`` can be decrypted; what is not there can."""
        with suppress(UnreadableError):
            if data is not None:
                self.decrypt(data)
            return True
        return False

    def _decrypt_with_changed_keys(self, data: bytes) -> bytes:
        """Try again with what stands in the file now: another process may have brought in a new key."""
        if self.refresh():
            with suppress(InvalidToken):
                return self._all.decrypt(data)
        raise UnreadableError("stored data cannot be decrypted with any of the keys")

    def renewed(self, data: bytes) -> bytes | None:
        """Return ``data`` encrypted with the newest key, None if it already is. Raises :class:`UnreadableError`."""
        try:
            self._newest.decrypt(data)
        except InvalidToken:
            return self.encrypt(self.decrypt(data))
        return None

    def phone_hash(self, phone: str) -> str:
        """Return what a canonical phone number can be looked up by, without the number being stored."""
        return self.phone_hashes(phone)[0]

    def phone_hashes(self, phone: str) -> tuple[str, ...]:
        """Return the hash for each key, the newest first: during a change of keys either may be stored."""
        return tuple(_keyed_hash(key, "phone", phone) for key in self._phone_keys)

    def receipt_hash(self, receipt: str) -> str:
        """Return what a receipt is called in the audit and among the erasures. It stays the same for ever."""
        return _keyed_hash(self._receipts, "receipt", receipt)

    def chat_hash(self, chat: str) -> str:
        """Return what a chat is called among the erasures. It never changes."""
        return _keyed_hash(self._receipts, "chat", chat)

    def facet_hash(self, field: str, value: str) -> str:
        """Return what registrations with ``value`` among the answers to ``field`` can be found by. It never changes."""
        return _keyed_hash(self._receipts, "facet", f"{field}\0{value}")

    def search_hash(self, word: str) -> str:
        """Return what the audit keeps of a word that was searched for. It never changes."""
        return _keyed_hash(self._receipts, "search", word)

    def secret_hash(self, purpose: str, secret: str) -> str:
        """Return what is stored of a random secret that is only ever compared: a session, a one-time code."""
        return _keyed_hash(self._receipts, purpose, secret)

    def seal(self, digest: str) -> str:
        """Return proof that ``digest`` was taken by someone who has the key file."""
        return _keyed_hash(self._receipts, "seal", digest)

    def refresh(self) -> bool:
        """Read the file again if it changed; return whether it did. If it cannot be used, the old keys stay.

        Then it is tried anew each time: what hinders may pass, and who goes on with an old key for long writes what
        nobody will be able to read.
        """
        identity = _identity(self.file)
        if not self._follows or identity is None or identity == self._seen:
            return False
        try:
            self._use(_read_now(self.file))
        except KeyFileError as error:
            if identity != self._refused:
                _log.error("the changed key file is not used: %s", error)
            self._refused = identity
            return False
        self._seen, self._refused = identity, None
        return True

    def fixed(self, *older: Keys) -> Keys:
        """Return the keys as they are now, which read what ``older`` ones did too and do not follow the file."""
        entries = dict.fromkeys(entry for keys in (self, *older) for entry in keys._content.keys)
        fixed = Keys(self.file, _Content(tuple(entries), self._content.receipts), follows=False)
        fixed._older = older
        return fixed

    def older_file(self, seal: str, digest: str) -> Path | None:
        """Return the file of the ``older`` keys (see :meth:`fixed`) with which ``digest`` was sealed; None for none.

        It is another than that of the present ones only if that was made anew: a change of keys leaves seals as they
        are.
        """
        return next((keys.file for keys in self._older if keys.seal(digest) == seal), None)

    def reload(self) -> None:
        """Read the file again. Raises :class:`KeyFileError`."""
        self._seen = _identity(self.file)
        self._use(_read_now(self.file))

    def rotated(self) -> Keys:
        """Put a new newest key into the file and return the keys as they are then; the others go on reading.

        Raises :class:`KeyFileError`.
        """
        content = _Content((_new_entry(), *self._content.keys), self._content.receipts)
        return self._written(content)

    def without_old(self) -> Keys:
        """Take all keys but the newest out of the file and return the rest. Raises :class:`KeyFileError`."""
        return self._written(_Content(self._content.keys[:1], self._content.receipts))

    def _written(self, content: _Content) -> Keys:
        try:
            part = _write_part(self.file.parent, content)
            os.replace(part, self.file)
            sync_folder(self.file.parent)
        except OSError as error:
            raise KeyFileError(f"密钥文件 {self.file} 写不了（{why(error)}）；请检查磁盘空间和权限") from error
        return Keys(self.file, content)


def _keyed_hash(key: bytes, purpose: str, value: str) -> str:
    text = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:40]


def _identity(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _new_entry() -> _Entry:
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return _Entry(made, Fernet.generate_key().decode(), _random())


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _make(file: Path) -> bool:
    """Make a key file unless another process was faster; return whether this one did."""
    try:
        file.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        part = _write_part(file.parent, _Content((_new_entry(),), _random()))
        try:
            os.link(part, file)  # the whole file or none, and never over another one
        except FileExistsError:
            return False
        finally:
            part.unlink()
        sync_folder(file.parent)
    except OSError as error:
        raise KeyFileError(f"密钥文件 {file} 建不了（{why(error)}）；请检查文件夹、磁盘空间和权限") from error
    return True


def _write_part(folder: Path, content: _Content) -> Path:
    """Write a file beside its place, readable by its owner only, and return its path."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".keys-", suffix=".part")  # 0600, O_EXCL
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as part:
            json.dump(asdict(content), part, ensure_ascii=False, indent=1)
            part.flush()
            os.fsync(part.fileno())
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)


def _read_now(file: Path) -> _Content:
    try:
        return _read(file)
    except FileNotFoundError as error:
        raise KeyFileError(f"密钥文件 {file} 不见了；请把它放回原处") from error


def _read(file: Path) -> _Content:
    try:
        if os.name != "nt" and file.stat().st_mode & _OTHERS:
            raise KeyFileError(f"密钥文件 {file} 别人也能读；请只留自己的权限：chmod 600 {file}")
        return _content(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyFileError(f"密钥文件 {file} 读不了（{why(error)}）；请检查路径和权限") from error
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        # The text of the error is left out: it may quote a key.
        raise KeyFileError(f"密钥文件 {file} 读不懂；请从另存的那一份恢复，不要手工改") from error


def _content(found: Any) -> _Content:
    entries = tuple(_Entry(str(key["made"]), str(key["encrypt"]), str(key["hash"])) for key in found["keys"])
    for entry in entries:
        Fernet(entry.encrypt)
        base64.b64decode(entry.hash, validate=True)
    base64.b64decode(found["receipts"], validate=True)
    if not entries:
        raise ValueError("no key")
    return _Content(entries, str(found["receipts"]))
