"""The catalogue of facts that a rule may use, and how facts are stored.

A fact has a type, a unit, a name in both languages, the paper that proves it, a privacy level and
a *rigidity*. Facts that a person can hardly change are asked for last and never suggested. The
caller supplies the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from timebank.errors import BadInput
from timebank.policy.rules.values import (
    Day,
    Entry,
    Facts,
    Kind,
    Known,
    Papers,
    Unknown,
    Value,
    has_shape,
)


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One property of a household or a person.

    **Units**: ``fresh_days`` are the days until the evidence must be checked again; None means
    never. ``rigidity`` goes from 0 (only a paper is missing) to 100 (an age, a disability).
    ``supplied_by`` names the subject that supplies the value. A rule must not use a fact without a
    supplier: every decision would need a person.
    """

    key: str
    kind: Kind
    unit: str
    label_zh: str
    label_en: str
    subject: Literal["household", "person"]
    paper_zh: str
    paper_en: str
    evidence: Literal["books", "register", "paper"]
    sensitivity: Literal["plain", "private", "sensitive"]
    rigidity: int
    fresh_days: int | None = None
    choices: tuple[Choice, ...] = ()
    supplied_by: str = ""


# The papers that a rule may ask for, by the proof kinds of ``people``.
DOCUMENTS = {
    kind.code: kind
    for kind in (
        Choice("dibao", "低保证", "subsistence allowance certificate"),
        Choice("tekun", "特困人员证明", "certificate of state support"),
        Choice("dibao_marginal", "低保边缘家庭证明", "near-subsistence household certificate"),
        Choice("rigid_expense", "刚性支出困难家庭认定书", "hard-expense household decision"),
        Choice("disability_card", "残疾人证", "disability certificate"),
        Choice("child_in_need", "困境儿童证明", "certificate of a child in difficulty"),
        Choice("veteran_family", "优抚对象证明", "certificate of special care rights"),
        Choice("unemployed", "失业登记证明", "certificate of unemployment"),
        Choice("housing_applicant", "住房困难受理单", "acceptance slip for housing"),
        Choice("special_approval", "特事特办批准书", "special approval"),
    )
}

PROGRAMMES = {
    "goods_shelf": Choice("goods_shelf", "爱心物品架", "the goods shelf"),
}

# The area code of everybody who lives here; grids and buildings have their own codes.
WHOLE_COMMUNITY = "community"

FACTS = {
    fact.key: fact
    for fact in (
        Fact(
            "household.documents", "documents", "", "家庭持有的证件", "papers of the household",
            "household", "有效证件原件", "the original of a valid paper",
            "paper", "sensitive", 20, supplied_by="aid",
        ),
        Fact(
            "household.area", "area", "", "居住地", "place of residence",
            "household", "居住证明或租房合同", "proof of residence or tenancy contract",
            "register", "private", 60, 365, supplied_by="aid",
        ),
        Fact(
            "household.pieces_taken", "entries", "pieces", "已领物品", "pieces taken",
            "household", "其他发放点的领取记录", "the record of other stores",
            "books", "private", 50, supplied_by="aid",
        ),
        Fact(
            "household.size", "whole", "persons", "家庭人数", "household size",
            "household", "户口簿", "household register",
            "register", "private", 80, 365,
        ),
        Fact(
            "household.income_per_head_fen", "fen", "fen", "人均月收入", "monthly income per head",
            "household", "近三个月收入证明", "proof of income of the last three months",
            "paper", "sensitive", 30, 180,
        ),
        Fact(
            "household.registered_here", "yes_no", "", "户籍在本社区", "registered here",
            "household", "户口簿", "household register",
            "register", "private", 70, 365,
        ),
        Fact(
            "household.lives_here_since_on", "day", "", "入住日期", "living here since",
            "household", "居住证明或租房合同", "proof of residence or tenancy contract",
            "register", "private", 90,
        ),
        Fact(
            "household.housing", "choice", "", "住房情况", "housing",
            "household", "住房证明", "proof of housing",
            "paper", "private", 60, 365,
            (
                Choice("own", "自有", "own"),
                Choice("rented", "租住", "rented"),
                Choice("low_rent", "廉租房", "low-rent"),
                Choice("none", "无固定住房", "no fixed home"),
            ),
        ),
        Fact(
            "person.age_years", "whole", "years", "年龄", "age",
            "person", "身份证", "identity card",
            "register", "private", 100,
        ),
        Fact(
            "person.lives_alone", "yes_no", "", "独居", "lives alone",
            "person", "入户走访记录", "record of a home visit",
            "register", "sensitive", 90, 365,
        ),
        Fact(
            "person.served_minutes", "whole", "minutes", "累计服务时长", "hours served in all",
            "person", "志愿服务记录证明", "certificate of service",
            "books", "plain", 40,
        ),
    )
}  # fmt: skip

_STORED_SHAPES: dict[Kind, Any] = {
    "yes_no": bool,
    "whole": int,
    "fen": int,
    "day": Day,
    "choice": str,
    "area": tuple[str, ...],
    "documents": Papers,
    "entries": tuple[Entry, ...],
}


def is_sound(fact: Fact, value: object) -> bool:
    """Tell whether a value has the shape of a fact. A wrong shape is our fault, never a refusal."""
    if not has_shape(fact.kind, value):
        return False
    return not fact.choices or any(value == choice.code for choice in fact.choices)


def choice_codes(fact: Fact) -> tuple[str, ...]:
    return tuple(choice.code for choice in fact.choices)


def known_facts(values: Mapping[str, Any], source: str = "") -> dict[str, Known | Unknown]:
    """Read facts from plain values, as golden cases and files contain them.

    **Refuses**: ``BadInput`` for a fact that is not in the catalogue or has a wrong shape.
    """
    found: dict[str, Known | Unknown] = {}
    for key, value in values.items():
        if key not in FACTS:
            raise BadInput(field="facts", why="unknown_fact", key=key)
        try:
            shaped = msgspec.convert(value, _STORED_SHAPES[FACTS[key].kind])
        except msgspec.ValidationError:
            raise BadInput(field="facts", why="shape", key=key) from None
        if not is_sound(FACTS[key], shaped):
            raise BadInput(field="facts", why="shape", key=key)
        found[key] = Known(shaped, source)
    return found


def facts_to_json(facts: Facts, keys: frozenset[str]) -> str:
    """Encode the facts that a rule looked at; unknown facts are omitted.

    A value of a wrong shape is stored as text, so that its decision stays *needs review*.
    """
    told = {}
    for key in sorted(keys & facts.keys()):
        known = facts[key]
        if isinstance(known, Unknown):
            continue
        line = {"source": known.source, "evidence": known.evidence}
        sound = is_sound(FACTS[key], known.value)
        told[key] = {**line, **({"value": known.value} if sound else {"broken": repr(known.value)})}
    return msgspec.json.encode(told, order="deterministic").decode()


class _Broken(msgspec.Struct, frozen=True):
    """A value that did not have the shape of its fact."""

    told: str


def facts_from_json(stored: str) -> dict[str, Known | Unknown]:
    """Decode the facts as they were when the decision was taken."""
    return {key: _read_fact(FACTS[key], line) for key, line in msgspec.json.decode(stored).items()}


def _read_fact(fact: Fact, line: dict[str, Any]) -> Known:
    value: Value
    if "broken" in line:
        value = _Broken(line["broken"])  # type: ignore[assignment]  # It is broken on purpose.
    else:
        value = msgspec.convert(line["value"], _STORED_SHAPES[fact.kind])
    return Known(value, line["source"], line["evidence"])
