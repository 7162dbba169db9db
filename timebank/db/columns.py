"""How every table is declared: column types, constraint names, append-only tables."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    LargeBinary,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    TableValuedAlias,
    Text,
    TypeDecorator,
    bindparam,
    column,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from timebank.values import from_us, to_us

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_STRICT_NAMES = {
    BigInteger: "INTEGER",
    SmallInteger: "INTEGER",
    Boolean: "INTEGER",
    Date: "TEXT",
    String: "TEXT",
    Text: "TEXT",
    LargeBinary: "BLOB",
}
for _kind, _name in _STRICT_NAMES.items():
    # A STRICT table of SQLite accepts only a few type names.
    compiles(_kind, "sqlite")(lambda type_, compiler, _name=_name, **kw: _name)


def _instant_of(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, stored as whole microseconds so that both engines compare it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_us(value)

    def result_processor(self, dialect: Any, coltype: object) -> Any:
        """Convert each value in one call: a page reads a hundred of them."""
        return _instant_of


_US_OF_DAY, _US_TO_LOCAL = 86_400_000_000, 28_800_000_000


def day_no_of(instant: ColumnElement[Any]) -> ColumnElement[int]:
    """The local day of a column of instants, counted from 1970: whole numbers on both engines.

    The time zone of the communities (``values.COMMUNITY_ZONE``) has been UTC+8 since 1991.
    """
    return (type_coerce(instant, BigInteger) + _US_TO_LOCAL) // _US_OF_DAY


class _ListOf(TypeDecorator[Sequence[Any]]):
    """A list as a single parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else json.dumps(listed)


class among(ColumnElement[bool]):
    """``column IN (list)``, with the whole list as the single parameter ``name``.

    The statement is the same for a list of any length. So it can be a constant, the server plans
    it once, and no limit on the number of parameters applies. The column holds integers or text.
    """

    inherit_cache = True
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("listed", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.type = Boolean()
        self.column = column
        self.listed = bindparam(name, type_=_ListOf(column.type))

    def self_group(self, against: Any = None) -> "among":
        """Return the condition unchanged: wrapped in ``… = 1`` it could not use an index."""
        return self


@compiles(among, "postgresql")
def _among_array(element: among, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(e, **options) for e in (element.column, element.listed))
    return f"{column} = ANY({listed})"


@compiles(among, "sqlite")
def _among_json(element: among, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(e, **options) for e in (element.column, element.listed))
    return f"{column} IN (SELECT value FROM json_each({listed}))"


class _EachOf(FunctionElement[int]):
    name = "each_of"
    inherit_cache = True


def each_of(ids: Select[Any]) -> TableValuedAlias:
    """The ids of a SELECT as a table with one column, ``value``.

    The SELECT may depend on the tables before it and have a limit, so that the first lots of each
    item are read by an index. (LATERAL does the same, which SQLite does not know.)
    """
    listed = _EachOf(ids.scalar_subquery())
    return listed.table_valued(column("value", BigInteger), name="value")


@compiles(_EachOf, "postgresql")
def _unnest(element: _EachOf, compiler: Any, **options: Any) -> str:
    [ids] = element.clauses
    return f"unnest(ARRAY{compiler.process(ids)})"


@compiles(_EachOf, "sqlite")
def _json_each(element: _EachOf, compiler: Any, **options: Any) -> str:
    [ids] = element.clauses
    return f"json_each((SELECT json_group_array(value) FROM {compiler.process(ids)}))"


# ``info=RACED`` at a unique key: two units of work may insert the same value at once. The later one
# is retried (``Database.write``) and then sees the row of the first.
RACED = {"raced": True}


def sealed_as(name: str, *, digest: str = "", at_once: int = 0) -> dict[str, Any]:
    """``info`` of a column that holds a value sealed by the vault under this name.

    ``digest`` is the column of the same table with the keyed digest of the value, if there is one.
    ``at_once`` bounds how many large values are read together.
    The check of the key and its replacement find the columns by this.
    """
    return {"sealed": name, "digest": digest, "at_once": at_once}


def table(name: str, *parts: Any, **options: Any) -> Table:
    """Declare a table with the options that every table here has."""
    return Table(name, metadata, *parts, sqlite_strict=True, **options)
