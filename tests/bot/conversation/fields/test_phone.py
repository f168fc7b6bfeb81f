"""Telephone numbers as people type and dictate them, grouped by what becomes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.phone import Phone, PhoneFault, PhoneReason, read_phone, shown_phone

MOBILE = Phone("+8613812345678", "138 1234 5678", True)
OTHER = Phone("+8613912345678", "139 1234 5678", True)
LANDLINE = Phone("+862347521234", "023-4752 1234", False)


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "138.1234.5678",
        "１３８１２３４５６７８",
        "（138）12345678",
        "+86 138 1234 5678",
        "＋８６13812345678",
        "0086 13812345678",
        "086 138 1234 5678",
        "86-138-1234-5678",
        "013812345678",
        "我的电话是13812345678",
        "打我老汉电话138 1234 5678 他姓李",
        "电话:13812345678",
        "13812345678(微信同号)",
        "1. 13812345678",
        "我35岁，13812345678",
        "13812345678，35岁",
        "13812345678 13812345678",
        "1\u200b3812345678",
        "\u202a13812345678\u202c",
        "138\n1234\n5678",
        "1️⃣3812345678",
        "我一天都在13812345678",
    ],
)
def test_a_mobile_number_as_it_is_typed(text: str) -> None:
    assert read_phone(text, "023") == MOBILE


@pytest.mark.parametrize(
    "text",
    [
        "一三八一二三四五六七八",
        "幺三八 幺二三四 五六七八",
        "一三八，一二三四，五六七八",
        "加八六 幺三八 幺两三四 五六拐八",
        "一3八12345678",
        "壹叁捌壹贰叁肆伍陆柒捌",
        "l38l2345678",
        "I38 I234 5678",
    ],
)
def test_a_mobile_number_as_it_is_dictated(text: str) -> None:
    assert read_phone(text, "023") == MOBILE


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("138O234O678", "+8613802340678"),
        ("138洞234洞678", "+8613802340678"),
        ("139三个8四五六七八", "+8613988845678"),
        ("幺三八两个零三四五六七八", "+8613800345678"),
    ],
)
def test_zeros_and_repeated_digits_as_they_are_dictated(text: str, canonical: str) -> None:
    phone = read_phone(text)
    assert isinstance(phone, Phone)
    assert phone.canonical == canonical


@pytest.mark.parametrize(
    "text",
    [
        "023-47521234",
        "02347521234",
        "(023)47521234",
        "023 4752 1234",
        "O23-4752 1234",
        "47521234",
        "4752 1234",
        "座机47521234",
        "零二三 四七五二 一二三四",
        "+862347521234",
        "+86 023 47521234",
        "+86 (0)23 4752 1234",
        "8602347521234",
        "2347521234",
    ],
)
def test_a_landline_of_the_area(text: str) -> None:
    assert read_phone(text, "023") == LANDLINE


def test_a_landline_of_another_area() -> None:
    assert read_phone("010-62345678", "023") == Phone("+861062345678", "010-6234 5678", False)


def test_a_phone_beside_an_identity_number_is_read() -> None:
    assert read_phone("身份证500116199001011234 电话13812345678") == MOBILE


@pytest.mark.parametrize(
    ("text", "reason", "digits"),
    [
        ("", PhoneReason.NOT_A_PHONE, 0),
        ("没有电话", PhoneReason.NOT_A_PHONE, 0),
        ("35岁", PhoneReason.NOT_A_PHONE, 0),
        ("我住3号楼", PhoneReason.NOT_A_PHONE, 0),
        ("20230101", PhoneReason.NOT_A_PHONE, 0),
        ("12", PhoneReason.TOO_SHORT, 2),
        ("1381234567", PhoneReason.TOO_SHORT, 10),
        ("023-4752123", PhoneReason.TOO_SHORT, 10),
        ("4752123", PhoneReason.TOO_SHORT, 7),
        ("138123456789", PhoneReason.TOO_LONG, 12),
        ("138 1234 5678 9", PhoneReason.TOO_LONG, 12),
        ("14812345678", PhoneReason.NO_SUCH_NUMBER, 0),
        ("110", PhoneReason.SERVICE_NUMBER, 0),
        ("打12385", PhoneReason.SERVICE_NUMBER, 0),
        ("10086", PhoneReason.SERVICE_NUMBER, 0),
        ("400-123-4567", PhoneReason.SERVICE_NUMBER, 0),
        ("023-47521234-801", PhoneReason.EXTENSION, 0),
        ("02347521234转801", PhoneReason.EXTENSION, 0),
        ("+852 9123 4567", PhoneReason.FOREIGN, 0),
        ("+1 650 253 0000", PhoneReason.FOREIGN, 0),
        ("0085291234567", PhoneReason.FOREIGN, 0),
        ("500116199001011234", PhoneReason.SECRET, 0),
    ],
)
def test_what_is_no_phone_says_why(text: str, reason: PhoneReason, digits: int) -> None:
    assert read_phone(text, "023") == PhoneFault(reason, digits)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("13812345678或者13912345678", (MOBILE, OTHER)),
        ("13912345678 13812345678", (OTHER, MOBILE)),
        ("1381234567813912345678", (MOBILE, OTHER)),
        ("我妈的13812345678，我的13912345678", (MOBILE, OTHER)),
        ("我妈的138 1234 5678，座机47521234", (MOBILE, LANDLINE)),
        ("13812345678，13912345678，还是13812345678", (MOBILE, OTHER)),
        ("13812345678，1391234567", (MOBILE,)),
    ],
)
def test_of_two_numbers_those_that_can_be_read_are_told(text: str, numbers: tuple[Phone, ...]) -> None:
    assert read_phone(text, "023") == PhoneFault(PhoneReason.TWO_NUMBERS, numbers=numbers)


def test_a_local_number_needs_a_known_area() -> None:
    assert read_phone("47521234") == PhoneFault(PhoneReason.NO_AREA_CODE)


@pytest.mark.parametrize("canonical", ["", "abc", "+86", "+86x", "+14155550100", "+8699999999999"])
def test_what_is_no_canonical_number_is_shown_as_it_is(canonical: str) -> None:
    assert shown_phone(canonical) == canonical


def test_a_canonical_number_is_shown_in_pieces() -> None:
    assert (shown_phone(MOBILE.canonical), shown_phone(LANDLINE.canonical)) == (MOBILE.shown, LANDLINE.shown)


def test_a_mobile_number_that_nobody_is_known_to_give_out_is_shown_in_pieces_too() -> None:
    assert not isinstance(read_phone("15400000370"), Phone)
    assert shown_phone("+8615400000370") == "154 0000 0370"


@given(st.text())
def test_any_text_is_a_phone_or_a_fault(text: str) -> None:
    assert isinstance(read_phone(text, "023"), Phone | PhoneFault)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.lists(st.integers(0, 11), max_size=5))
def test_spaces_anywhere_change_nothing(number: str, places: list[int]) -> None:
    spaced = number
    for place in places:
        spaced = f"{spaced[:place]} {spaced[place:]}"
    assert read_phone(spaced) == read_phone(number)


@given(st.from_regex(r"50011[0-9](19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{3}[0-9X]", fullmatch=True))
def test_an_identity_number_is_never_a_phone(number: str) -> None:
    assert read_phone(number, "023") == PhoneFault(PhoneReason.SECRET)


@given(st.text(alphabet="0123456789 -零幺八，", max_size=40))
def test_what_is_accepted_can_be_read_again(text: str) -> None:
    phone = read_phone(text, "023")
    if isinstance(phone, Phone):
        assert read_phone(phone.canonical) == phone
        assert read_phone(phone.shown) == phone
        assert shown_phone(phone.canonical) == phone.shown
