"""The session of a unit of work: statements go straight to its one connection."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session, SessionTransaction


class Unit(Session):
    """A session without mapped objects.

    SQLAlchemy's own looks for a bind and a state at every statement, a third of what a short
    statement costs. Here the connection of the running transaction is looked up once.
    """

    _line: tuple[SessionTransaction | None, Connection] | None = None

    def _connected(self) -> Connection:
        running = self.get_transaction()
        if running is None or self._line is None or self._line[0] is not running:
            connection = self.connection()
            self._line = self.get_transaction(), connection
        return self._line[1]

    def begin_nested(self) -> SessionTransaction:
        """Begin a savepoint now: SQLAlchemy would wait until the session asks for its connection.

        Forbids: a row that was written before that, and stays after the savepoint is rolled back.
        """
        nested = super().begin_nested()
        self.connection()
        return nested

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if options:
            return super().execute(statement, params, **options)
        return self._connected().execute(statement, params)

    def scalar(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if options:
            return super().scalar(statement, params, **options)
        return self._connected().scalar(statement, params)

    def scalars(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if options:
            return super().scalars(statement, params, **options)
        return self._connected().scalars(statement, params)
