"""The tables of goods. The books count the pieces; these tables describe them.

Announcements and judgements never change; only the ``state`` of a deposit or lot does.
"""

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
    and_,
    func,
    literal,
    text,
)

from timebank.db import (
    RACED,
    Instant,
    Summed,
    append_only,
    day_no_of,
    kept_total,
    state_among,
    state_is,
    table,
)
from timebank.goods.rules import (
    ANNOUNCED,
    AWAITING_CLEANING,
    BROUGHT,
    CONDITIONS,
    DEPOSIT_STATES,
    LIVING_LOT_STATES,
    LOT_STATES,
    OPEN_DEPOSIT_STATES,
    REFUSE_CODES,
    THANKS,
)
from timebank.goods.tables.catalogue import IS_OPEN_CHANGE as IS_OPEN_CHANGE
from timebank.goods.tables.catalogue import item as item
from timebank.goods.tables.catalogue import item_change as item_change
from timebank.goods.tables.catalogue import item_code as item_code
from timebank.goods.tables.catalogue import item_picture as item_picture
from timebank.goods.tables.catalogue import one_of
from timebank.goods.tables.catalogue import store as store
from timebank.goods.tables.opening import store_special_day as store_special_day
from timebank.goods.tables.opening import store_week as store_week
from timebank.ledger import tables as ledger

deposit = table(
    "deposit",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("store_id", BigInteger, nullable=False),
    # Both are NULL for an anonymous gift.
    Column("donor_person_id", BigInteger),
    Column("donor_organisation_id", BigInteger),
    Column("thanks", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    # The kiosk whose clearing account holds the pieces until they are received. No foreign key:
    # kiosks are on a higher floor.
    Column("device_id", BigInteger),
    Column("state", String(12), nullable=False),
    Column("announced_at", Instant),
    Column("code", String(6)),
    Column("bring_on", Date),
    Column("valid_until_on", Date),
    Column("received_at", Instant),
    Column("received_by", String(80)),
    Column("receipt_year", SmallInteger),
    Column("receipt_number", BigInteger),
    Column("receipt_no", String(24)),
    Column("receipt_token", String(40)),
    Column("txn_id", BigInteger),  # Its transaction, if one was posted.
    Column("accepted_pieces", Integer, nullable=False),
    Column("refused_pieces", Integer, nullable=False),
    Column("value_yuan", BigInteger, nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    # A receipt number is unique. Forbids: 000123 issued twice in a year.
    UniqueConstraint(
        "community_id", "store_id", "receipt_year", "receipt_number", name="uq_deposit_number"
    ),
    UniqueConstraint("community_id", "receipt_no", name="uq_deposit_receipt"),
    UniqueConstraint("community_id", "receipt_token", name="uq_deposit_token"),
    ForeignKeyConstraint(["community_id", "txn_id"], ["txn.community_id", "txn.id"]),
    ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
    ForeignKeyConstraint(["community_id", "donor_person_id"], ["person.community_id", "person.id"]),
    ForeignKeyConstraint(
        ["community_id", "donor_organisation_id"],
        ["organisation.community_id", "organisation.id"],
    ),
    CheckConstraint(one_of("state", DEPOSIT_STATES), name="state"),
    CheckConstraint(one_of("thanks", THANKS), name="thanks"),
    # Forbids: a walk-in gift that is in the clearing of a kiosk.
    CheckConstraint("device_id IS NULL OR channel = 'kiosk'", name="device"),
    # Forbids: one gift credited to both the firm and its owner.
    CheckConstraint("donor_person_id IS NULL OR donor_organisation_id IS NULL", name="donor"),
    # Only received goods have a receipt, and they have one unless the donor chose points. Older
    # versions gave both. Forbids: a receipt for an announcement.
    CheckConstraint(
        "(receipt_no IS NULL OR state = 'received')"
        " AND (state <> 'received' OR accepted_pieces > 0)"
        " AND (state <> 'received' OR receipt_no IS NOT NULL OR thanks = 'points')"
        " AND (receipt_no IS NULL) = (receipt_number IS NULL)"
        " AND (receipt_no IS NULL) = (receipt_year IS NULL)"
        " AND (receipt_no IS NULL) = (receipt_token IS NULL)",
        name="receipt",
    ),
    # Forbids: an announcement without a last day.
    CheckConstraint(
        "state <> 'announced' OR (code IS NOT NULL AND valid_until_on IS NOT NULL)",
        name="announced",
    ),
    CheckConstraint(
        "accepted_pieces >= 0 AND refused_pieces >= 0 AND value_yuan >= 0", name="pieces"
    ),
)
_is_open = text(one_of("state", OPEN_DEPOSIT_STATES))
# A code identifies one list at the counter. Forbids: two donors with the same code.
Index(
    "uq_deposit_code",
    deposit.c.community_id,
    deposit.c.code,
    unique=True,
    info=RACED,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
# What a keeper has to judge is found without the history of all deposits.
Index(
    "ix_deposit_open",
    deposit.c.community_id,
    deposit.c.state,
    deposit.c.announced_at,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
IS_OPEN = state_among(deposit.c.state, OPEN_DEPOSIT_STATES)
IS_ANNOUNCED = state_is(deposit.c.state, ANNOUNCED, of=OPEN_DEPOSIT_STATES)
IS_BROUGHT = state_is(deposit.c.state, BROUGHT, of=OPEN_DEPOSIT_STATES)
# The pieces accepted on each local day, for the sums by month.
accepted_total = kept_total(
    "accepted_total",
    Summed(
        of=deposit,
        keys={
            "community_id": deposit.c.community_id,
            "received_day_no": day_no_of(deposit.c.received_at),
        },
        sums={"pieces": deposit.c.accepted_pieces},
        where=and_(deposit.c.received_at.is_not(None), deposit.c.accepted_pieces > 0),
    ),
    rows="deposits",
)
# The newest deposits of a donor are read without sorting, or reading, all of them.
for _column in ("donor_person_id", "donor_organisation_id"):
    Index(
        f"ix_deposit_{_column}",
        deposit.c.community_id,
        deposit.c[_column],
        deposit.c.id,
        sqlite_where=text(f"{_column} IS NOT NULL"),
        postgresql_where=text(f"{_column} IS NOT NULL"),
    )

announced_line = append_only(
    table(
        "announced_line",
        Column("community_id", BigInteger, nullable=False),
        Column("deposit_id", BigInteger, nullable=False),
        Column("line", SmallInteger, nullable=False),
        Column("item_id", BigInteger),
        Column("described", String(80), nullable=False),
        Column("pieces", Integer, nullable=False),
        Column("condition", String(12), nullable=False),
        Column("best_before_on", Date),
        PrimaryKeyConstraint("community_id", "deposit_id", "line"),
        ForeignKeyConstraint(
            ["community_id", "deposit_id"], ["deposit.community_id", "deposit.id"]
        ),
        ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint(one_of("condition", CONDITIONS), name="condition"),
        # Forbids: a line with neither item nor description.
        CheckConstraint("item_id IS NOT NULL OR described <> ''", name="told"),
    )
)

deposit_line = append_only(
    table(
        "deposit_line",
        Column("community_id", BigInteger, nullable=False),
        Column("deposit_id", BigInteger, nullable=False),
        Column("line", SmallInteger, nullable=False),
        Column("announced_line", SmallInteger),
        Column("item_id", BigInteger),
        Column("described", String(80), nullable=False),
        Column("condition", String(12), nullable=False),
        Column("best_before_on", Date),
        Column("brought_pieces", Integer, nullable=False),
        Column("accepted_pieces", Integer, nullable=False),
        Column("refused_pieces", Integer, nullable=False),
        Column("refuse_code", String(24)),
        Column("refuse_note", String(200), nullable=False),
        # The lot that the maker printed; NULL where none was scanned.
        Column("maker_lot", String(20)),
        # The requirements that it lacked, or its kind that is never taken, by comma. NULL where
        # no such rule refused it.
        Column("refuse_why", String(200)),
        Column("value_yuan", BigInteger, nullable=False),
        PrimaryKeyConstraint("community_id", "deposit_id", "line"),
        ForeignKeyConstraint(
            ["community_id", "deposit_id"], ["deposit.community_id", "deposit.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "deposit_id", "announced_line"],
            ["announced_line.community_id", "announced_line.deposit_id", "announced_line.line"],
            name="fk_deposit_line_announced",
        ),
        ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
        # Every piece is accepted or refused. Forbids: 5 brought, 3 accepted, 1 refused.
        CheckConstraint(
            "accepted_pieces >= 0 AND refused_pieces >= 0"
            " AND accepted_pieces + refused_pieces = brought_pieces AND brought_pieces > 0",
            name="pieces",
        ),
        # Refused pieces have a reason; only they have one.
        CheckConstraint("(refused_pieces > 0) = (refuse_code IS NOT NULL)", name="refused"),
        CheckConstraint(one_of("refuse_code", REFUSE_CODES), name="refuse_code"),
        # Forbids: accepted pieces without a catalogue item.
        CheckConstraint("item_id IS NOT NULL OR accepted_pieces = 0", name="item"),
        CheckConstraint(one_of("condition", CONDITIONS), name="condition"),
    )
)

lot = table(
    "lot",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("item_id", BigInteger, nullable=False),
    Column("store_id", BigInteger, nullable=False),
    # The deposit, or when a count found pieces where the books had none.
    Column("deposit_id", BigInteger),
    Column("line", SmallInteger),
    Column("found_at", Instant),
    Column("account_id", BigInteger, nullable=False),
    Column("condition", String(12), nullable=False),
    Column("best_before_on", Date),
    Column("received_on", Date, nullable=False),
    Column("received_pieces", Integer, nullable=False),
    Column("disposed_pieces", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("cleaned_at", Instant),
    Column("cleaned_by", String(80)),
    PrimaryKeyConstraint("community_id", "id"),
    # Each line of a deposit is one lot, with its own account.
    UniqueConstraint("community_id", "deposit_id", "line", name="uq_lot_line"),
    UniqueConstraint("community_id", "account_id", name="uq_lot_account"),
    ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
    ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"]),
    ForeignKeyConstraint(
        ["community_id", "deposit_id", "line"],
        ["deposit_line.community_id", "deposit_line.deposit_id", "deposit_line.line"],
    ),
    ForeignKeyConstraint(["community_id", "account_id"], ["account.community_id", "account.id"]),
    CheckConstraint(one_of("state", LOT_STATES), name="state"),
    # Forbids: pieces that came from nowhere.
    CheckConstraint(
        "(deposit_id IS NULL) = (line IS NULL) AND (deposit_id IS NULL) = (found_at IS NOT NULL)",
        name="origin",
    ),
    # Forbids: a coat that still waits although its cleaning is signed.
    CheckConstraint("state <> 'awaiting_cleaning' OR cleaned_at IS NULL", name="cleaning"),
    CheckConstraint(
        "received_pieces > 0 AND disposed_pieces BETWEEN 0 AND received_pieces", name="pieces"
    ),
)
# What waits for its cleaning is little, whatever lies on the shelf.
_is_uncleaned = text(one_of("state", (AWAITING_CLEANING,)))
Index(
    "ix_lot_uncleaned",
    lot.c.community_id,
    lot.c.store_id,
    sqlite_where=_is_uncleaned,
    postgresql_where=_is_uncleaned,
)
IS_UNCLEANED = state_among(lot.c.state, (AWAITING_CLEANING,))
IS_LIVING = state_among(lot.c.state, LIVING_LOT_STATES)
_is_living = text(one_of("state", LIVING_LOT_STATES))
# The living lots of an item in the order in which they leave: a page or a claim reads the first
# few of them, and of each only what is in the index.
Index(
    "ix_lot_living",
    lot.c.community_id,
    lot.c.store_id,
    lot.c.item_id,
    lot.c.best_before_on,
    lot.c.received_on,
    lot.c.id,
    lot.c.state,
    lot.c.account_id,
    sqlite_where=_is_living,
    postgresql_where=_is_living,
)

NO_LAST_DAY = date.max  # Of a lot without one.
# What lies on the shelf, by item and last day: the lots that are not empty and their pieces.
_on_hand = ledger.balance.c.posted_in - ledger.balance.c.posted_out
stock_total = kept_total(
    "stock_total",
    Summed(
        of=lot,
        beside=ledger.balance,
        joined_by=("community_id", "account_id"),
        keys={
            "community_id": lot.c.community_id,
            "store_id": lot.c.store_id,
            "item_id": lot.c.item_id,
            "best_before_on": func.coalesce(lot.c.best_before_on, literal(NO_LAST_DAY)),
            "state": lot.c.state,
        },
        sums={"pieces": _on_hand, "held_pieces": ledger.balance.c.pending_out},
        where=and_(IS_LIVING, _on_hand > 0),
    ),
    rows="lots",
)
