"""What a tutorial would write: a signed-in page with twenty rows, to measure ours against.

Nothing of ours is in it. It is neither slowed down nor trimmed: a base page with a place
bar and messages, one user read a request, one query, rows as objects.

**Source**: Flask's documentation ("SQLAlchemy in Flask", declarative; the base page of its
tutorial) and Flask-Login's ("How it works").
"""

from datetime import date, timedelta
from pathlib import Path

from flask import Flask, redirect, render_template, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from sqlalchemy import ForeignKey, String, create_engine, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
)
from werkzeug import Response

ROWS, LINES = 20, 2000


class Base(DeclarativeBase):
    pass


class User(Base, UserMixin):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    on: Mapped[date]
    text: Mapped[str] = mapped_column(String(80))
    minutes: Mapped[int]


def bare_app(folder: Path) -> Flask:
    """Make the application, over a new SQLite file with some lines of one user."""
    path = folder / "bare.sqlite"
    path.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    database = scoped_session(sessionmaker(engine))
    _fill(database)
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "bench"
    app.teardown_appcontext(lambda error: database.remove())
    manager = LoginManager(app)
    manager.user_loader(lambda user_id: database.get(User, int(user_id)))

    @app.get("/sign-in")
    def sign_in() -> Response:
        login_user(database.get_one(User, 1))
        return redirect(url_for("lines"))

    @app.get("/")
    @login_required
    def lines() -> str:
        query = select(Line).where(Line.user_id == current_user.id)
        newest = database.scalars(query.order_by(Line.id.desc()).limit(ROWS)).all()
        return render_template("lines.html", lines=newest)

    return app


def _fill(database: scoped_session[Session]) -> None:
    database.add(User(id=1, name="Bench"))
    begun = date(2020, 1, 1)
    database.add_all(
        Line(user_id=1, on=begun + timedelta(n), text=f"Line {n}", minutes=n) for n in range(LINES)
    )
    database.commit()
    database.remove()
