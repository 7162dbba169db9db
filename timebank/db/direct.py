"""Constant statements: compiled once, then handed straight to the driver.

SQLAlchemy looks up, checks and wraps a statement each time it runs: some 35 microseconds, as
much as a short query takes. Most of our statements are built once for a module, so what it finds
is always the same. A statement object that is run a second time is kept here with its SQL, the
order of its values and the types of its columns. Whatever is out of the ordinary (a statement
built for one call, values that change the SQL, a listener that wants to see each statement) takes
SQLAlchemy's own way; so do all errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Delete, Dialect, Engine, Insert, Update
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.selectable import SelectBase

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


class FetchedRows(IteratorResult[Any]):
    """The rows of a statement, all fetched, and how many rows it changed."""

    rowcount = -1


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One statement as the driver takes it."""

    sql: str
    binds: tuple[tuple[str, str, _Convert], ...]  # The name in the SQL, and in our values.
    fixed: Values  # The values that stand in the statement itself.
    by_position: bool
    columns: SimpleResultMetaData
    has_rows: bool

    def arguments(self, values: Values) -> Any:
        """Order and convert the values of one execution. Raises ``KeyError`` if one is missing."""
        known = {**self.fixed, **values} if self.fixed else values
        if self.by_position:
            return tuple(
                [
                    known[key] if convert is None else convert(known[key])
                    for _, key, convert in self.binds
                ]
            )
        return {
            name: known[key] if convert is None else convert(known[key])
            for name, key, convert in self.binds
        }


_SEEN: WeakKeyDictionary[Any, dict[Any, _Prepared | None]] = WeakKeyDictionary()
_KINDS = (SelectBase, Insert, Update, Delete)
_FIXED_SQL = ("insert_prefetch", "update_prefetch", "post_compile_params", "literal_execute_params")


class DirectConnection(Connection):
    """A connection that hands a statement it knows straight to the driver."""

    def execute(
        self, statement: Any, parameters: Any = None, *, execution_options: Any = None
    ) -> Any:
        if not execution_options and self.in_transaction() and not self._has_listeners():
            prepared = _prepared(statement, parameters, self.dialect)
            if prepared is not None:
                try:
                    arguments = _arguments(prepared, parameters)
                except KeyError:
                    pass  # SQLAlchemy says which value is missing.
                else:
                    return self._hand_over(prepared, arguments)
        return super().execute(statement, parameters, execution_options=execution_options)

    def scalar(
        self, statement: Any, parameters: Any = None, *, execution_options: Any = None
    ) -> Any:
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def scalars(
        self, statement: Any, parameters: Any = None, *, execution_options: Any = None
    ) -> Any:
        return self.execute(statement, parameters, execution_options=execution_options).scalars()

    def _has_listeners(self) -> bool:
        heard = self.dispatch
        return bool(heard.before_cursor_execute or heard.after_cursor_execute)

    def _hand_over(self, prepared: _Prepared, arguments: Any) -> FetchedRows:
        cursor = self.connection.cursor()
        try:
            run = cursor.executemany if isinstance(arguments, list) else cursor.execute
            run(prepared.sql, arguments)
            rows = cursor.fetchall() if prepared.has_rows else ()
        except Exception as fault:
            self._handle_dbapi_exception(fault, prepared.sql, arguments, cursor, None)
        answer = FetchedRows(prepared.columns, iter(rows))
        answer.rowcount = cursor.rowcount
        cursor.close()
        return answer


class _WithOptions(OptionEngine):
    _connection_cls = DirectConnection


def use_direct_connections(engine: Engine) -> Engine:
    """Let the connections of an engine be ``DirectConnection``; return the engine."""
    engine._connection_cls = DirectConnection
    engine._option_cls = _WithOptions
    return engine


def _arguments(prepared: _Prepared, parameters: Any) -> Any:
    if isinstance(parameters, list):
        return [prepared.arguments(values) for values in parameters]
    return prepared.arguments(parameters or {})


def _prepared(statement: Any, parameters: Any, dialect: Dialect) -> _Prepared | None:
    """Find the statement, or keep it when it comes a second time."""
    if not isinstance(statement, _KINDS) or parameters == []:
        return None
    known = _SEEN.get(statement)
    if known is None:
        _SEEN[statement] = {}
        return None
    key: Any = dialect.name
    if not isinstance(statement, SelectBase):
        # The values given decide which columns are written. Many rows are given as a list.
        first = parameters[0] if isinstance(parameters, list) else parameters or {}
        key = (dialect.name, isinstance(parameters, list), *first)
    elif isinstance(parameters, list):
        return None
    if key not in known:
        known[key] = _prepare(statement, parameters, dialect)
    return known[key]


def _prepare(statement: Any, parameters: Any, dialect: Dialect) -> _Prepared | None:
    """Compile a statement; None if its SQL or its values are not the same at every execution."""
    is_many = isinstance(parameters, list)
    if isinstance(statement, SelectBase):
        compiled = _compiled(statement, dialect)
    else:
        names = list(parameters[0] if is_many else parameters or ())
        # As for many rows: without the key that the database made.
        compiled = statement.compile(
            dialect=dialect, column_keys=names or None, for_executemany=True
        )
    written = compiled._post_compile_expanded_state
    binds = {bind.key: bind for bind in compiled.binds.values()}
    if written is None and any(getattr(compiled, name, None) for name in _FIXED_SQL):
        return None
    if compiled.escaped_bind_names or any(bind.callable is not None for bind in binds.values()):
        return None
    columns = compiled._result_columns
    if is_many and columns:
        return None
    convert: Mapping[str, Any] = compiled._bind_processors
    fixed = {b.key: b.effective_value for b in binds.values() if not b.required}
    if written is not None:
        convert = {**convert, **written.processors}
        fixed |= {name: written.parameters[name] for name in _elements(compiled)}
    in_order: Sequence[str] = compiled.positiontup or _names(compiled)
    read = [entry.type._cached_result_processor(dialect, None) for entry in columns]
    return _Prepared(
        sql=compiled.string,
        binds=tuple((name, _key_of(compiled, name), convert.get(name)) for name in in_order),
        fixed=fixed,
        by_position=compiled.positional,
        columns=SimpleResultMetaData(
            [entry.keyname for entry in columns],
            extra=[entry.objects for entry in columns],
            _processors=read if any(read) else None,
        ),
        has_rows=bool(columns),
    )


def _compiled(statement: Any, dialect: Dialect) -> Any:
    """Compile a query. A list that stands in it never changes: ``IN (3, 4)`` is written out."""
    compiled = statement.compile(dialect=dialect)
    lists = compiled.post_compile_params | compiled.literal_execute_params
    if lists and not any(bind.required for bind in lists):
        given = {bind.key: None for bind in compiled.binds.values() if bind.required}
        values = compiled.construct_params(given, escape_names=False, _no_postcompile=True)
        compiled._process_parameters_for_postcompile(values, _populate_self=True)
    return compiled


def _names(compiled: Any) -> list[str]:
    """The names in the SQL of a dialect that names its values."""
    written = compiled._post_compile_expanded_state
    if written is None:
        return list(compiled.binds)
    kept = [name for name in compiled.binds if name not in written.parameter_expansion]
    return kept + _elements(compiled)


def _elements(compiled: Any) -> list[str]:
    """The names of the values of the lists that were written out."""
    lists = compiled._post_compile_expanded_state.parameter_expansion
    return [name for names in lists.values() for name in names]


def _key_of(compiled: Any, name: str) -> str:
    """The key of a value: that of its parameter, or the name of an element of a list."""
    bind = compiled.binds.get(name)
    return name if bind is None else str(bind.key)
