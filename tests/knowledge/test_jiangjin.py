"""The shipped knowledge keeps its promises."""

from __future__ import annotations

import re

import pytest

from bot.settings import BUILT_IN_KNOWLEDGE
from knowledge import Knowledge, check
from knowledge.plan_text import clauses
from tests.conftest import DATA

QUANTITY = re.compile(
    r"\d+(?:%|年|月|日|人|名|个|次)|累计|不超过|不少于|至少|一批|一定|优先|免费|每年|户籍|青壮年|线上"
)
MOST_ASKED = {
    "tobacco-license",
    "community-service-points",
    "blind-massage-training",
    "blind-massage-business",
    "incubation-base",
    "government-quota",
    "over-quota-reward",
    "private-enterprise-jobs",
    "training-subsidy",
    "four-ones-service",
}


def test_it_has_no_fault_against_the_plan() -> None:
    plan = (DATA / "jiangjin-plan.txt").read_text(encoding="utf-8")
    assert [str(fault) for fault in check(BUILT_IN_KNOWLEDGE, plan)] == []


def test_there_are_sample_questions_enough_for_every_entry(shipped: Knowledge) -> None:
    least = {"policy": 60, "signpost": 25, "action": 40, "safety": 40, "outside": 40}
    short = {
        key: len(entry.questions)
        for key, entry in shipped.entries()
        if len(entry.questions)
        < (120 if key in MOST_ASKED else least[key.partition(":")[0] if ":" in key else "policy"])
    }
    assert short == {}


def test_all_labels_and_at_least_45_signposts_are_there(shipped: Knowledge) -> None:
    assert len(shipped.policies) == 31
    assert len(shipped.actions) == 9
    assert len(shipped.signposts) >= 45


@pytest.mark.parametrize(
    ("policy", "facts"),
    [
        ("government-quota", ["50人", "67人", "至少", "1名", "中小学", "幼儿园"]),
        ("low-income-employment-subsidy", ["1年"]),
        ("training-subsidy", ["30%", "交通费", "生活费", "培训费"]),
        ("graduate-one-on-one", ["100%"]),
        ("target-and-supervision", ["1500", "11月30日"]),
        ("four-ones-service", ["1次"]),
        ("blind-massage-business", ["2021", "2025"]),
        ("plan-overview", ["江津府办发〔2023〕15号"]),
    ],
)
def test_numbers_and_duties_are_the_plan_s(shipped: Knowledge, policy: str, facts: list[str]) -> None:
    entry = next(entry for entry in shipped.policies if entry.id == policy)
    said = entry.answer + "".join(quote.text for quote in entry.quotes)
    assert [fact for fact in facts if fact not in said] == []


def test_every_quantity_of_the_plan_is_stated_where_it_is_asked_for(shipped: Knowledge) -> None:
    texts = clauses((DATA / "jiangjin-plan.txt").read_text(encoding="utf-8"))
    stated = [quote for entry in (shipped.plan, *shipped.policies) for each in entry.stated.values() for quote in each]
    issued = shipped.plan.issued
    known = {f"{issued.year}年", f"{issued.month}月", f"{issued.day}日"}
    for clause, text in texts.items():
        said = "".join(quote.text for quote in stated if quote.clause == clause)
        assert {found for found in QUANTITY.findall(text) if found not in said} <= known, clause


def test_every_contact_with_a_number_says_where_it_is_from(shipped: Knowledge) -> None:
    assert {contact.phone for contact in shipped.contacts} == {
        "12385", "12345", "12356", "12348", "12333", "12366", "110", "120", None,
    }  # fmt: skip
    assert all(contact.source for contact in shipped.contacts)


def test_the_federation_s_number_is_not_invented(shipped: Knowledge) -> None:
    assert shipped.contact["federation"].phone is None
