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
            key="household.documents", kind="documents", unit="", label_zh="家庭持有的证件",
            label_en="papers of the household", subject="household", paper_zh="有效证件原件",
            paper_en="the original of a valid paper", evidence="paper", sensitivity="sensitive",
            rigidity=20, supplied_by="aid",
        ),
        Fact(
            key="household.area", kind="area", unit="", label_zh="居住地",
            label_en="place of residence", subject="household", paper_zh="居住证明或租房合同",
            paper_en="proof of residence or tenancy contract", evidence="register",
            sensitivity="private", rigidity=60, fresh_days=365, supplied_by="aid",
        ),
        Fact(
            key="household.pieces_taken", kind="entries", unit="pieces", label_zh="已领物品",
            label_en="pieces taken", subject="household", paper_zh="其他发放点的领取记录",
            paper_en="the record of other stores", evidence="books", sensitivity="private",
            rigidity=50, supplied_by="aid",
        ),
        Fact(
            key="household.size", kind="whole", unit="persons", label_zh="家庭人数",
            label_en="household size", subject="household", paper_zh="户口簿",
            paper_en="household register", evidence="register", sensitivity="private", rigidity=80,
            fresh_days=365,
        ),
        Fact(
            key="household.income_per_head_fen", kind="fen", unit="fen", label_zh="人均月收入",
            label_en="monthly income per head", subject="household", paper_zh="近三个月收入证明",
            paper_en="proof of income of the last three months", evidence="paper",
            sensitivity="sensitive", rigidity=30, fresh_days=180,
        ),
        Fact(
            key="household.registered_here", kind="yes_no", unit="", label_zh="户籍在本社区",
            label_en="registered here", subject="household", paper_zh="户口簿",
            paper_en="household register", evidence="register", sensitivity="private", rigidity=70,
            fresh_days=365,
        ),
        Fact(
            key="household.lives_here_since_on", kind="day", unit="", label_zh="入住日期",
            label_en="living here since", subject="household", paper_zh="居住证明或租房合同",
            paper_en="proof of residence or tenancy contract", evidence="register",
            sensitivity="private", rigidity=90,
        ),
        Fact(
            key="household.housing", kind="choice", unit="", label_zh="住房情况",
            label_en="housing", subject="household", paper_zh="住房证明",
            paper_en="proof of housing", evidence="paper", sensitivity="private", rigidity=60,
            fresh_days=365,
            choices=(
                Choice("own", "自有", "own"),
                Choice("rented", "租住", "rented"),
                Choice("low_rent", "廉租房", "low-rent"),
                Choice("none", "无固定住房", "no fixed home"),
            ),
        ),
        Fact(
            key="person.age_years", kind="whole", unit="years", label_zh="年龄", label_en="age",
            subject="person", paper_zh="身份证", paper_en="identity card",
            evidence="register", sensitivity="private", rigidity=100,
        ),
        Fact(
            key="person.lives_alone", kind="yes_no", unit="", label_zh="独居",
            label_en="lives alone", subject="person", paper_zh="入户走访记录",
            paper_en="record of a home visit", evidence="register", sensitivity="sensitive",
            rigidity=90, fresh_days=365,
        ),
        Fact(
            key="person.served_minutes", kind="whole", unit="minutes", label_zh="累计服务时长",
            label_en="hours served in all", subject="person", paper_zh="志愿服务记录证明",
            paper_en="certificate of service", evidence="books", sensitivity="plain", rigidity=40,
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
    known: dict[str, Known | Unknown] = {}
    for key, value in values.items():
        if key not in FACTS:
            raise BadInput(field="facts", why="unknown_fact", key=key)
        try:
            shaped = msgspec.convert(value, _STORED_SHAPES[FACTS[key].kind])
        except msgspec.ValidationError:
            raise BadInput(field="facts", why="shape", key=key) from None
        if not is_sound(FACTS[key], shaped):
            raise BadInput(field="facts", why="shape", key=key)
        known[key] = Known(shaped, source)
    return known


def facts_to_json(facts: Facts, keys: frozenset[str]) -> str:
    """Encode the facts that a rule looked at; unknown facts are omitted.

    A value of a wrong shape is stored as text, so that its decision stays *needs review*.
    """
    lines = {}
    for key in sorted(keys & facts.keys()):
        known = facts[key]
        if isinstance(known, Unknown):
            continue
        line = {"source": known.source, "evidence": known.evidence}
        sound = is_sound(FACTS[key], known.value)
        lines[key] = {
            **line,
            **({"value": known.value} if sound else {"broken": repr(known.value)}),
        }
    return msgspec.json.encode(lines, order="deterministic").decode()


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
