"""The whole program on Telegram: what a person sees on the phone."""

from __future__ import annotations

from tests.program import Program
from tests.standin import BotApi

PATIENCE = 60.0  # seconds: starting on a busy machine
BY_TEXT = [
    *("同意", "同意", "我自己", "42岁", "同意记", "我叫王建国", "短信", "138 1234 5678", "白沙", "按摩或者在家"),
    *("视力", "有"),
]


async def test_a_person_walks_through_everything_by_text(api: BotApi, program: Program) -> None:
    person = api.person(name="王建国")
    person.say("/start")
    menu = await person.hears(PATIENCE)
    assert "程序" in menu.text
    assert "1. 登记找工作" in menu.text
    assert "适当减免摊位费" in (await person.asks("我在小区门口摆摊能不能少收钱")).text
    assert "盲人按摩培训" in (await person.asks("1")).text
    await person.asks("/register")
    for text in BY_TEXT:
        answer = await person.asks(text)
    for _ in range(4):
        answer = await person.asks("跳过")
    assert "请核对" in answer.text
    receipt = await person.asks("提交")
    assert "登记好了" in receipt.text
    mine = await person.asks("我的登记")
    assert "王建国" in mine.text
    check = await person.asks("改")
    (line,) = [line for line in check.text.splitlines() if "镇或街道：" in line]
    await person.asks(line.split(".")[0])
    assert "德感街道" in (await person.asks("德感")).text
    assert "改好了" in (await person.asks("提交")).text
    await person.asks("删除我的登记")
    assert "删掉了" in (await person.asks("全部删掉")).text
    assert "没有登记过" in (await person.asks("我的登记")).text


async def test_a_person_walks_through_everything_by_buttons(api: BotApi, program: Program) -> None:
    person = api.person(name="李梅")
    person.say("/start")
    await person.hears(PATIENCE)

    async def taps(*labels: str) -> str:
        """Tap the buttons one after another, each on the newest message; return what was said to the last."""
        for label in labels:
            (button,) = [button for button in api.sent[-1].buttons if button.text.partition(". ")[2] == label]
            person.tap(button.text)
            heard = await person.hears(PATIENCE)
        return heard.text

    await taps("登记找工作", "同意", "同意", "我自己", "18到29岁", "不同意记")
    assert "怎么联系您" in (await person.asks("小李")).text
    assert "短信发到哪个手机号" in await taps("发短信")
    person.send_contact(person.phone)
    assert "住在哪个镇" in (await person.hears(PATIENCE)).text
    await person.asks("珞璜")
    assert "已经选了：在家里做的；盲人按摩" in await taps("在家里做的", "盲人按摩")
    check = await taps("选好了", *["跳过这一步"] * 3)
    assert "请核对" in check
    assert "登记好了" in await taps("都对，提交")
    await person.asks("我的登记")
    await taps("改", "镇或街道：珞璜镇")
    await person.asks("白沙")
    assert "改好了" in await taps("改好了，提交")
    await person.asks("我的登记")
    assert "删掉了" in await taps("收回同意，把登记全部删掉", "全部删掉")
    assert "没有登记过" in (await person.asks("我的登记")).text
