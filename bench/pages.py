"""The passbook, shelf and worklist pages against a bare Flask + SQLAlchemy page with sign-in.

Both run in this process by the test client, in turns, with the full sample community; the
figure is CPU a request, as a ratio. Goal: at most 2.5 times the bare page, at most 12
statements a page.

**Source**: the bare page is what a tutorial would write: Flask-Login, one ORM query of
twenty rows, one Jinja template.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, login_required, login_user
from sqlalchemy import String, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from timebank import schema
from timebank.db import Database
from timebank.demo.founding import PASSWORD
from timebank.demo.load import STEPS, load
from timebank.people.passwords import PROFILE
from timebank.people.vault import Vault
from web.app import create_app

GOAL = 2.5
STATEMENTS_MOST = 12
ROUNDS, REQUESTS = 7, 40
FOLDER = Path(__file__).parent.parent / "data" / "bench"
PAGES = (("passbook", "volunteer", "/me/"), ("shelf", "", "/"), ("worklist", "coordinator", "/work"))


class Base(DeclarativeBase):
    pass


class User(Base, UserMixin):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    text: Mapped[str] = mapped_column(String(80))
    minutes: Mapped[int]


BARE_PAGE = """<!doctype html><title>{{ user.name }}</title><h1>{{ user.name }}</h1>
<table>{% for line in lines %}<tr><td>{{ line.text }}<td>{{ line.minutes }}</tr>{% endfor %}</table>
"""


def bare_app() -> Flask:
    """What a tutorial would write: a signed-in page with twenty rows from the database."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "bench"
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "bare.sqlite"
    path.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(id=1, name="Bench"))
        session.add_all(Line(user_id=1, text=f"Line {n}", minutes=n) for n in range(2000))
        session.commit()
    manager = LoginManager(app)

    @manager.user_loader
    def load_user(user_id: str) -> User | None:
        with Session(engine) as session:
            return session.get(User, int(user_id))

    @app.get("/sign-in")
    def sign_in() -> str:
        user = load_user("1")
        assert user is not None
        login_user(user)
        return "in"

    @app.get("/")
    @login_required
    def lines() -> str:
        with Session(engine) as session:
            query = select(Line).where(Line.user_id == 1).order_by(Line.id.desc()).limit(20)
            found = session.scalars(query).all()
            return render_template_string(BARE_PAGE, user=load_user("1"), lines=found)

    return app


def sample() -> Database:
    """Open the full sample community, loading it once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path, mark = FOLDER / "sample.sqlite", FOLDER / "sample.whole"
    url = f"sqlite:///{path}"
    if not mark.exists():
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        schema.migrate(url)
    database = Database(url, info={"vault": Vault(bytes(32)), PROFILE: "small"})
    if not mark.exists():
        with click.progressbar(length=STEPS, label="Loading the sample community") as bar:
            load(database, progress=bar.update)
        mark.touch()
    return database


def signed_in(app: Flask, login_name: str) -> FlaskClient:
    client = app.test_client()
    if login_name:
        told = {"login_name": login_name, "password": PASSWORD}
        answer = client.post("/sign-in/name", data=told)
        assert answer.status_code == 303, answer.status_code
    return client


def cpu_of(client: FlaskClient, path: str) -> float:
    """CPU seconds of one request, over a handful of them."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        assert client.get(path).status_code == 200
    return (time.process_time() - begun) / REQUESTS


def statements_of(database: Database, ask: Callable[[], object]) -> int:
    said: list[str] = []

    def listen(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            said.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    ask()
    event.remove(database.engine, "before_cursor_execute", listen)
    return len(said)


def main() -> None:
    database = sample()
    config = {"DATABASE": database, "SECRET_KEY": "b" * 32, "WTF_CSRF_ENABLED": False}
    app, bare = create_app(config), bare_app().test_client()
    bare.get("/sign-in")
    clients = {name: (signed_in(app, login), path) for name, login, path in PAGES}
    ratios: dict[str, list[float]] = {name: [] for name in clients}
    for client, path in clients.values():
        cpu_of(client, path)
    cpu_of(bare, "/")
    for _ in range(ROUNDS):
        for name, (client, path) in clients.items():
            ratios[name].append(cpu_of(client, path) / cpu_of(bare, "/"))
    print(f"{'page':10} {'ratio':>6} {'range':>13}  {'goal':>6}  statements")
    for name, (client, path) in clients.items():
        found = ratios[name]
        count = statements_of(database, lambda client=client, path=path: client.get(path))  # type: ignore[misc]
        spread = f"{min(found):.2f}–{max(found):.2f}"
        told = f"{statistics.median(found):6.2f} {spread:>13}  ≤ {GOAL:4.1f}"
        print(f"{name:10} {told}  {count} (at most {STATEMENTS_MOST})")


if __name__ == "__main__":
    main()
