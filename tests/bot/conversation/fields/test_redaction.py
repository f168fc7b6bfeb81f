"""What staff never get to read, and ordinary words that stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.redaction import black_out
from knowledge import Knowledge


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我叫王建国，电话13812345678", "我叫■，电话■"),
        ("我叫王建国今年35岁", "我叫■今年35岁"),
        ("我叫阿强", "我叫■"),
        ("我叫秀珍", "我叫■"),
        ("我叫Lucy", "我叫■"),
        ("我是李秀英，想登记", "我是■，想登记"),
        ("名字叫欧阳娜娜", "名字叫■"),
        ("姓名：王丽 性别女", "姓名：■ 性别女"),
        ("联系人赵四", "联系人■"),
        ("户主李华", "户主■"),
        ("我姓陈", "我姓■"),
        ("姓王，三横王", "姓■，■"),
        ("弓长张", "■"),
        ("他叫李四", "他叫■"),
        ("有没有人叫周小琴在你们这登记过", "有没有人叫■在你们这登记过"),
        ("我妈张桂芳想办证", "我妈■想办证"),
        ("我儿子王小明聋哑", "我儿子■聋哑"),
        ("我老公高建国", "我老公■"),
        ("王建国的电话是多少", "■的电话是多少"),
        ("刘大明 13812345678", "■"),
        ("王建国", "■"),
        ("找周伟，要得不", "找■，要得不"),
        ("阿里木·买买提想找工作", "■"),
        ("王\u200b建国的残疾证", "■的残疾证"),
    ],
)
def test_a_name_behind_what_announces_it(text: str, left: str) -> None:
    assert _merged(black_out(text, ("王建国",))) == _merged(left)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("王师傅说办不了", "■师傅说办不了"),
        ("找张主任", "找■主任"),
        ("王建国老师讲的", "■老师讲的"),
        ("欧阳医生", "■医生"),
        ("江津区残联陈主任", "江津区残联■主任"),
        ("老王和小李都去了", "■和■都去了"),
        ("张哥说的", "■哥说的"),
        ("隔壁王嬢嬢", "隔壁■嬢嬢"),
        ("王总说", "■总说"),
        ("员工张某", "员工■某"),
        ("向老师请教", "■老师请教"),
    ],
)
def test_a_name_with_a_title(text: str, left: str) -> None:
    assert black_out(text) == left


@pytest.mark.parametrize(
    "secret",
    [
        "13812345678",
        "138 1234 5678",
        "１３８－１２３４－５６７８",
        "幺三八一二三四五六七八",
        "023-47521234",
        "500116199001011234",
        "50011619900101123X",
        "1234567",
        "10000",
        "zhang.san@qq.com",
        "@zhangsan",
        "t.me/zhangsan",
        "http://t.cn/xyz",
        "微信号abc12345",
        "wx: zhang_san",
        "QQ 1234567",
        "渝A12345",
        "渝A·D12345",
        "1990年5月3日",
        "宝珠村3组",
        "3栋2单元501",
    ],
)
def test_numbers_accounts_and_addresses(secret: str) -> None:
    assert black_out(f"记一下，{secret}，谢谢") == "记一下，■，谢谢"


def test_of_an_address_the_town_stays() -> None:
    assert black_out("住白沙镇滨江路123号5栋2单元8-3") == "住白沙镇■"


@pytest.mark.parametrize(
    "text",
    [
        "我是残疾人",
        "我是高位截瘫",
        "我是左撇子",
        "我叫不到车",
        "我叫车去医院",
        "叫我怎么办",
        "还叫我莫声张",
        "老师好",
        "谢谢老师",
        "小时候发烧",
        "小儿麻痹",
        "小康社会",
        "老年人",
        "有关同志",
        "地方干部",
        "免费律师",
        "我女儿唐氏",
        "我妈高血压",
        "常总是说",
        "负责人是谁",
        "监护人同意",
        "姓名写错了",
        "联系人 电话",
        "2022—2024年的方案",
        "2022年2月20日",
        "补3000元",
        "1 2 3",
        "三年二班",
        "周末上班",
        "❤️",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert black_out(text) == text


def test_known_names_go_wherever_they_stand() -> None:
    text = "建国和王 建国、RUTH都说可以"
    assert black_out(text, ("王建国", "Ruth", "")) == "■和■、■都说可以"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我是白沙的罗小燕我想问残疾证", "我是白沙的■我想问残疾证"),
        ("我是白沙的罗小燕", "我是白沙的■"),
        ("我是白沙镇的王芳，问一下", "我是白沙镇的■，问一下"),
        ("白沙罗小燕问低保", "白沙■问低保"),
        ("白沙镇的王建国想办证", "白沙镇的■想办证"),
        ("王桂芳想问按摩", "■想问按摩"),
        ("张伟问一下补贴", "■问一下补贴"),
        ("李秀英要办残疾证", "■要办残疾证"),
        ("张伟，残疾证怎么办", "■，残疾证怎么办"),
        ("张伟", "■"),
        ("高小明想学按摩", "■想学按摩"),
        ("张伟。", "■。"),
    ],
)
def test_a_name_at_the_beginning_or_behind_the_town(text: str, left: str, shipped: Knowledge) -> None:
    assert black_out(text, keep=shipped.towns) == left


@pytest.mark.parametrize(
    "text",
    [
        *["我是白沙的", "我是农村的高龄老人", "我是白沙的残疾人", "白沙的高中在哪", "盲人想问按摩", "方便，谢谢"],
        *["白沙", "白沙镇", "李市，怎么去", "江津的方言", "我是新来的保安", "聋人要找工作", "陶瓷", "石门的车站"],
    ],
)
def test_no_name_is_where_only_its_place_is(text: str, shipped: Knowledge) -> None:
    assert black_out(text, keep=shipped.towns) == text


def test_words_to_keep_are_no_names(shipped: Knowledge) -> None:
    assert black_out("我是李市镇的，找蔡家", keep=(*shipped.towns, "蔡家")) == "我是李市镇的，找蔡家"


def test_hardly_any_question_of_the_knowledge_is_touched(shipped: Knowledge) -> None:
    questions = [question for _, entry in shipped.entries() for question in entry.questions]
    touched = [question for question in questions if black_out(question, keep=shipped.towns) != question]
    assert len(touched) < len(questions) / 100


@given(st.text())
def test_five_digits_in_a_row_are_never_left(text: str) -> None:
    assert not re.search(r"\d{5}", black_out(text, ("王建国",)))


@given(st.text(alphabet="0123456789０１①②一二零 -.·■我叫王", max_size=40))
def test_five_digits_of_any_kind_are_never_left(text: str) -> None:
    assert not any(run.isdigit() for run in re.findall(r"(?=(.{5}))", black_out(text)))


def _merged(text: str) -> str:
    return re.sub("■[ ■]*", "■", text)
