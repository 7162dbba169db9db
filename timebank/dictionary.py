"""The data dictionary: what each table and each field means, in both languages.

The words stand beside the tables, in ``timebank/<subject>/dictionary.toml``; what means the same
everywhere is in ``timebank/dictionary.toml``. Types and seals are read from the tables themselves.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, LargeBinary, SmallInteger, String, Table

from timebank.db import Instant
from timebank.subjects import subjects

HERE = Path(__file__).parent
Words = tuple[str, str]
WHOLE, TEXT, DAY, INSTANT, YES_NO, BYTES = "whole", "text", "day", "instant", "yes_no", "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column, or a table itself if ``column`` is empty.

    ``zh`` and ``en`` are empty where nobody has written a sentence. ``length`` is the most
    characters of a text; 0 where there is no limit.
    """

    subject: str
    table: str
    column: str
    zh: str
    en: str
    kind: str = ""
    length: int = 0
    is_needed: bool = False
    is_sealed: bool = False


@cache
def dictionary() -> tuple[Field, ...]:
    """Every table, each followed by its columns, in the order of the subjects."""
    return tuple(
        field
        for subject in subjects()
        for table in subject.tables
        for field in _fields(subject.name, table)
    )


def words_of(subject: str) -> Mapping[str, Mapping[str, Any]]:
    """What a subject has written about its tables."""
    path = HERE / subject / "dictionary.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


@cache
def shared_words() -> Mapping[str, Any]:
    """The columns that mean the same everywhere."""
    return tomllib.loads((HERE / "dictionary.toml").read_text("utf-8"))


def _fields(subject: str, table: Table) -> Iterator[Field]:
    own = words_of(subject).get(table.name, {})
    zh, en = own.get("", ("", ""))
    yield Field(subject=subject, table=table.name, column="", zh=zh, en=en)
    for column in table.columns:
        zh, en = own.get(column.name) or shared_words().get(column.name) or ("", "")
        kind, length = _kind_of(column)
        yield Field(
            subject=subject, table=table.name, column=column.name, zh=zh, en=en, kind=kind,
            length=length, is_needed=not column.nullable, is_sealed="sealed" in column.info,
        )  # fmt: skip


def _kind_of(column: Column[Any]) -> tuple[str, int]:
    kinds = (
        (Instant, INSTANT), (Boolean, YES_NO), (Date, DAY), (LargeBinary, BYTES),
        (BigInteger, WHOLE), (SmallInteger, WHOLE), (String, TEXT),
    )  # fmt: skip
    found = (kind for type_, kind in kinds if isinstance(column.type, type_))
    return next(found, WHOLE), int(getattr(column.type, "length", None) or 0)
