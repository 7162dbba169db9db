"""Messages, what people wish, and what became of each message on each way outside the inbox."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)

from timebank.db import Instant, fixed, sealed_as, table
from timebank.messages.rules import CHANNELS, OUTCOMES, STATES


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


FACTS_COLUMN, EMAIL_COLUMN = "message.facts", "message_wish.email"
message = fixed(
    table(
        "message",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),
        Column("kind", String(30), nullable=False),
        # Which thing it tells of, such as ``claim:7``: the same is said once.
        Column("about", String(60), nullable=False),
        Column("facts_sealed", LargeBinary, info=sealed_as(FACTS_COLUMN)),
        Column("written_at", Instant, nullable=False),
        # From then on it is of no use to call anybody about it.
        Column("until_at", Instant, nullable=False),
        Column("read_at", Instant),
        Column("emptied_at", Instant),
        PrimaryKeyConstraint("community_id", "id"),
        # Forbids: one message twice in an inbox, however often its deed or job runs.
        UniqueConstraint("community_id", "person_id", "kind", "about", name="uq_message_once"),
        ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
        # Its content goes after some time; the row stays, so that it is not said again.
        # Forbids: an old message that was ended and still names what it was about.
        CheckConstraint("(facts_sealed IS NULL) = (emptied_at IS NOT NULL)", name="emptied"),
    ),
    "person_id", "kind", "about", "written_at", "until_at",
)  # fmt: skip
Index(None, message.c.community_id, message.c.person_id, message.c.written_at, message.c.id)
Index(
    "ix_message_unread",
    message.c.community_id,
    message.c.person_id,
    sqlite_where=text("read_at IS NULL AND emptied_at IS NULL"),
    postgresql_where=text("read_at IS NULL AND emptied_at IS NULL"),
)
Index(
    "ix_message_kept",
    message.c.community_id,
    message.c.written_at,
    sqlite_where=text("emptied_at IS NULL"),
    postgresql_where=text("emptied_at IS NULL"),
)

# A row only where somebody chose; otherwise their telephone is used, and then staff.
message_wish = table(
    "message_wish",
    Column("community_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("email_sealed", LargeBinary, info=sealed_as(EMAIL_COLUMN)),
    Column("by_email", Boolean, nullable=False),
    Column("by_sms", Boolean, nullable=False),
    Column("by_call", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "person_id"),
    ForeignKeyConstraint(["community_id", "person_id"], ["person.community_id", "person.id"]),
    # Forbids: e-mail that is switched on and has no address.
    CheckConstraint("NOT by_email OR email_sealed IS NOT NULL", name="email"),
)

message_sending = table(
    "message_sending",
    Column("community_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("next_at", Instant),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("community_id", "message_id", "channel"),
    ForeignKeyConstraint(["community_id", "message_id"], ["message.community_id", "message.id"]),
    CheckConstraint(_one_of("channel", CHANNELS), name="channel"),
    CheckConstraint(_one_of("state", STATES), name="state"),
    # Forbids: a message that waits for ever, and one that is done and would be sent once more.
    CheckConstraint("(state = 'due') = (next_at IS NOT NULL)", name="next"),
    CheckConstraint("tries >= 0", name="tries"),
)
_OPEN = "state IN ('due', 'sending', 'unclear')"
Index(
    "ix_message_sending_open",
    message_sending.c.community_id,
    message_sending.c.state,
    message_sending.c.next_at,
    sqlite_where=text(_OPEN),
    postgresql_where=text(_OPEN),
)

# Each attempt, written before it begins. Its outcome is written once.
message_attempt = fixed(
    table(
        "message_attempt",
        Column("community_id", BigInteger, nullable=False),
        Column("message_id", BigInteger, nullable=False),
        Column("channel", String(8), nullable=False),
        Column("number", SmallInteger, nullable=False),
        Column("begun_at", Instant, nullable=False),
        Column("begun_by", String(80), nullable=False),
        Column("ended_at", Instant),
        Column("outcome", String(14)),
        Column("why", String(40)),
        # Forbids: two attempts at once with one number.
        PrimaryKeyConstraint("community_id", "message_id", "channel", "number"),
        ForeignKeyConstraint(
            ["community_id", "message_id", "channel"],
            [
                "message_sending.community_id", "message_sending.message_id",
                "message_sending.channel",
            ],
        ),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
    ),
    "begun_at", "begun_by", closed="ended_at",
)  # fmt: skip
