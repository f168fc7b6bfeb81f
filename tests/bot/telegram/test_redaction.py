from __future__ import annotations

import pytest

from bot.channels.telegram.redaction import without_token

TOKEN = "7000000001:AAHsStandInTokenForTests_0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f'HTTP Request: POST https://api.telegram.org/bot{TOKEN}/sendMessage "HTTP/1.1 200 OK"',
        f"The token `{TOKEN}` was rejected by the server.",
        f"Bot[token={TOKEN}]",
        f"URL('https://api.telegram.org/bot{TOKEN.replace(':', '%3A')}/getMe')",
        f"https://api.telegram.org/file/bot{TOKEN}/photos/1.jpg",
        TOKEN * 2,
        f"二维码{TOKEN}后面",
    ],
)
def test_a_token_is_struck_out_wherever_it_stands(text: str) -> None:
    assert "StandInToken" not in without_token(text)


def test_a_token_of_an_odd_shape_is_struck_out_of_an_address() -> None:
    assert without_token("http://127.0.0.1:80/bot1:short/getMe") == "http://127.0.0.1:80/bot***/getMe"


def test_a_password_is_struck_out_of_an_address() -> None:
    assert without_token("proxy http://me:secret@proxy.example:3128") == "proxy http://***@proxy.example:3128"


@pytest.mark.parametrize(
    "text", ["", "12:30:45", "2026-11-23T18:20:00", "电话 023-12345678", "/bots/overview", "[::1]:8081"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_token(text) == text
