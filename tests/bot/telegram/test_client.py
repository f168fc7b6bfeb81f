from __future__ import annotations

import asyncio
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.telegram.client import TelegramBot, Timeouts, make_bot
from bot.channels.telegram.faults import Fault, TokenRefused
from bot.channels.telegram.greeting import introduce
from bot.channels.telegram.updates import Me
from tests.standin import BotApi

TOKEN = "7000000001:AAHsStandInTokenForTests_0123456789"


@pytest.mark.parametrize("token", ["", "  ", "abc", "123:x y", "123:x/y", "123:密", "abc:123"])
def test_what_cannot_be_a_token_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(TokenRefused) as caught:
        make_bot(token)
    assert not token.strip() or token not in str(caught.value)
    assert caught.value.__context__ is None


def test_space_around_a_token_is_no_harm() -> None:
    assert make_bot(f" {TOKEN}\n").token == TOKEN


@pytest.mark.parametrize("server", ["http://127.0.0.1:8081", "http://127.0.0.1:8081/", "http://127.0.0.1:8081/bot"])
def test_another_server_can_be_named_in_any_usual_way(server: str) -> None:
    bot = make_bot(TOKEN, server)
    assert bot.base_url == f"http://127.0.0.1:8081/bot{TOKEN}"
    assert bot.base_file_url == f"http://127.0.0.1:8081/file/bot{TOKEN}"


async def test_the_bot_says_who_it_is(bot: TelegramBot, api: BotApi) -> None:
    assert await introduce(bot) == Me(api.id, api.username)


async def test_it_waits_for_telegram_to_be_reached(bot: TelegramBot, api: BotApi) -> None:
    api.faults.server_error(times=3)

    async def no_time(seconds: float) -> None:
        """Sleep not at all."""

    assert await introduce(bot, sleep=no_time) == Me(api.id, api.username)


@pytest.mark.parametrize("payload", ["", "{", '{"result": "王芳', "[1]", "null", '{"ok": true}', "[" * 100_000])
def test_an_answer_that_cannot_be_read_is_neither_raised_nor_logged(
    payload: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Fault, match="can't be read") as caught:
        make_bot(TOKEN).request.parse_json_payload(payload.encode())
    assert "王芳" not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_a_fault_is_short_and_without_the_token() -> None:
    fault = Fault(f"http://x/bot{TOKEN}/getMe " + "x" * 1000)
    assert TOKEN not in str(fault)
    assert len(str(fault)) == 200


# -- the way there

PATIENCE = Timeouts(connect=0.5, pool=0.5, read=0.5, write=0.5, upload=0.5)
BODY = b'{"ok":true,"result":true}'
TRUE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Server:
    """Answers every request with ``answer`` (None: not at all, it hangs up), and remembers their first lines."""

    def __init__(self, answer: bytes | None = TRUE) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.asked.append(head.partition("\r\n")[0])
                length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
                await reader.readexactly(int(length or 0))
                if self.answer is None:
                    return
                writer.write(self.answer)
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield server


@asynccontextmanager
async def opened(base_url: str, proxy: str | None = None) -> AsyncIterator[TelegramBot]:
    bot = make_bot(TOKEN, base_url, connections=1, timeouts=PATIENCE, proxy=proxy)
    await bot.open()
    try:
        yield bot
    finally:
        await bot.close_connections()


async def failing(bot: TelegramBot) -> Fault:
    """Return how sending fails."""
    with pytest.raises(Fault) as caught:
        await bot.send("sendMessage", {"chat_id": 1, "text": "好"})
    shown = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown
    assert caught.value.__context__ is None
    return caught.value


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class TestProxy:
    async def test_calls_go_through_it(self) -> None:
        async with listening(Server()) as proxy, opened("http://api.test", f"http://127.0.0.1:{proxy.port}") as bot:
            await bot.send("sendMessage", {"chat_id": 1})
        assert proxy.asked == [f"POST http://api.test/bot{TOKEN}/sendMessage HTTP/1.1"]

    @pytest.mark.parametrize(("name", "scheme"), [("http_proxy", "http://"), ("all_proxy", "")])
    async def test_the_environment_can_name_it(self, name: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
        async with listening(Server()) as proxy:
            monkeypatch.setenv(name, f"{scheme}127.0.0.1:{proxy.port}")
            async with opened("http://api.test") as bot:
                await bot.send("sendMessage", {"chat_id": 1})
        assert len(proxy.asked) == 1

    async def test_the_environment_can_except_a_server_from_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with listening(Server()) as server, opened(f"http://127.0.0.1:{server.port}") as bot:
            await bot.send("sendMessage", {"chat_id": 1})
        assert len(server.asked) == 1

    async def test_one_that_lets_nobody_through_has_sent_nothing(self) -> None:
        refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        async with (
            listening(Server(refusal)) as proxy,
            opened("https://api.test", f"http://u:secret@127.0.0.1:{proxy.port}") as bot,
        ):
            fault = await failing(bot)
        assert (fault.unknown, proxy.asked) == (False, ["CONNECT api.test:443 HTTP/1.1"])

    async def test_one_that_is_not_there_has_sent_nothing(self) -> None:
        async with opened("https://api.test", "http://127.0.0.1:9") as bot:
            assert not (await failing(bot)).unknown

    @pytest.mark.parametrize("proxy", ["socks5://u:secret@127.0.0.1:9", "127.0.0.1:9"])
    def test_one_of_another_kind_is_refused_without_being_repeated(self, proxy: str) -> None:
        with pytest.raises(ValueError, match="proxy") as caught:
            make_bot(TOKEN, proxy=proxy)
        assert "secret" not in str(caught.value)


async def test_a_call_is_made_once_even_if_nobody_answers() -> None:
    async with listening(Server(None)) as server, opened(f"http://127.0.0.1:{server.port}") as bot:
        fault = await failing(bot)
    assert (fault.unknown, len(server.asked)) == (True, 1)


async def test_nobody_is_sent_elsewhere_with_the_token() -> None:
    moved = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    async with listening(Server(moved)) as server, opened(f"http://127.0.0.1:{server.port}") as bot:
        fault = await failing(bot)
    assert (fault.status, fault.own, len(server.asked)) == (307, False, 1)


async def test_an_answer_cut_short_leaves_it_open_whether_it_was_sent() -> None:
    async with listening(Server(TRUE[:-5])) as server, opened(f"http://127.0.0.1:{server.port}") as bot:
        assert (await failing(bot)).unknown


async def test_what_found_no_free_connection_was_not_sent(api: BotApi) -> None:
    api.faults.hang(method="getMe")
    async with opened(api.base_url) as bot:
        waiting = asyncio.create_task(bot.get_me(read_timeout=2))
        await asyncio.sleep(0.05)
        fault = await failing(bot)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert not fault.unknown
    assert not api.calls_of("sendMessage")


async def test_polling_has_a_connection_of_its_own(api: BotApi) -> None:
    async with opened(api.base_url) as bot:
        poll = asyncio.create_task(bot.raw_updates(offset=None, limit=1, wait=1, allowed=()))
        await asyncio.sleep(0.05)
        assert (await bot.get_me()).id == api.id
        assert await poll == []


async def test_nothing_is_sent_before_it_is_open_or_after_it_is_closed(api: BotApi) -> None:
    bot = make_bot(TOKEN, api.base_url)
    await failing(bot)
    await bot.open()
    assert (await bot.get_me()).id == api.id
    for _ in range(2):
        await bot.close_connections()
    await failing(bot)
    assert len(api.calls) == 1


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """What somebody shows who is not Telegram."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_who_cannot_show_a_certificate_is_told_nothing(own_certificate: ssl.SSLContext) -> None:
    async with (
        listening(Server(), own_certificate) as server,
        opened(f"https://localhost:{server.port}") as bot,
    ):
        assert not (await failing(bot)).unknown
    assert server.asked == []
