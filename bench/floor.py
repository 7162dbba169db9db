"""The floor of a page: its own statements by the bare driver, and its own template.

Nothing that serves this page could cost less: the same SQL text with the same parameters
through ``sqlite3``, every row fetched, and the same template with the same values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, before_render_template
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import Engine, event

_OUTSIDE = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@dataclass
class Page:
    """A page to ask for again and again, as the server would, without a socket."""

    app: Flask
    client: FlaskClient
    environ: dict[str, Any]

    def refresh(self) -> None:
        """Take the newest cookie: a server writes it at most every thirty seconds."""
        self.client.get(self.environ["PATH_INFO"])
        cookie = self.client.get_cookie("visit")
        self.environ["HTTP_COOKIE"] = f"visit={cookie.value}" if cookie else ""

    def ask(self) -> bytes:
        """Serve the page once. Fails unless the answer is 200."""
        statuses: list[str] = []
        answer = self.app(dict(self.environ), lambda status, *_: statuses.append(status))
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        assert statuses[0].startswith("200"), (self.environ["PATH_INFO"], statuses)
        return body


@dataclass
class Work:
    """What one request asked of the database and of the templates."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    templates: list[tuple[Template, dict[str, Any]]] = field(default_factory=list)


@contextmanager
def watched(app: Flask, engine: Engine) -> Iterator[Work]:
    """Note the statements with their parameters, and the template with its values."""
    work = Work()

    def note_statement(conn: Any, cursor: Any, text: str, told: Any, *rest: Any) -> None:
        if not text.startswith(_OUTSIDE):
            work.statements.append((text, told))

    def note_template(app: Flask, template: Template, context: dict[str, Any], **_: Any) -> None:
        work.templates.append((template, dict(context)))

    event.listen(engine, "before_cursor_execute", note_statement)
    try:
        with before_render_template.connected_to(note_template, app):
            yield work
    finally:
        event.remove(engine, "before_cursor_execute", note_statement)


class Floor:
    """The same work as one page and nothing else."""

    def __init__(self, page: Page, engine: Engine) -> None:
        self.page = page
        page.refresh()
        with watched(page.app, engine) as self.work:
            self.size = len(page.ask())
        self.connection = _connect(engine)

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Stand in a request of this page: a template asks for its reader and addresses."""
        with self.page.app.request_context(dict(self.page.environ)):
            self.page.app.preprocess_request()
            yield

    def ask(self) -> bytes:
        """Do the work once, within ``ready``."""
        connection = self.connection
        connection.execute("BEGIN")
        for text, told in self.work.statements:
            connection.execute(text, told).fetchall()
        connection.execute("ROLLBACK")
        return "".join(one.render(values) for one, values in self.work.templates).encode()


def _connect(engine: Engine) -> Any:
    """Open the database file with the driver of the engine, and nothing around it."""
    driver: Any = engine.dialect.dbapi
    return driver.connect(engine.url.database, isolation_level=None)
