"""The tables of the catalogue: the items, what is proposed for them, and the stores."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

from timebank.db import RACED, Instant, append_only, fixed, state_among, table
from timebank.deeds import tables as deeds
from timebank.goods.entries import ADD, CHANGE, CHANGE_KINDS, CHANGE_STATES, OPEN_STATES, STORAGES
from timebank.goods.rules import ITEM_KINDS, STORE_KINDS


def one_of(column: str, names: tuple[str, ...]) -> str:
    """The condition that a column holds one of these names."""
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


# Photographs of items by the hash of their content: the same one is stored once.
item_picture = append_only(
    table(
        "item_picture",
        Column("community_id", BigInteger, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("picture", LargeBinary, nullable=False),
        Column("added_at", Instant, nullable=False),
        PrimaryKeyConstraint("community_id", "digest"),
        ForeignKeyConstraint(["community_id"], ["community.id"]),
    )
)

item = table(
    "item",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("name_zh", String(60), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("unit_zh", String(10), nullable=False),
    Column("unit_en", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("barcode", String(13), nullable=False),
    Column("reference_fen", BigInteger, nullable=False),
    Column("shelf_life_days", Integer),
    Column("needs_cleaning", Boolean, nullable=False),
    Column("is_loan", Boolean, nullable=False),
    # Where it is kept, and what intake asks beside what its kind requires (codes, by comma).
    Column("storage", String(10), nullable=False, server_default="dry"),
    Column("asks", String(200), nullable=False, server_default=""),
    Column("picture_digest", String(64)),
    # From this day on it is neither announced nor taken in; what is on the shelf goes on.
    Column("retired_on", Date),
    # The commodity of its pieces, and the accounts they come from and end in.
    Column("commodity_id", BigInteger, nullable=False),
    Column("donated_account_id", BigInteger, nullable=False),
    Column("issued_account_id", BigInteger, nullable=False),
    Column("disposed_account_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("community_id", "id"),
    # Forbids: one barcode for both rice and noodles.
    UniqueConstraint("community_id", "barcode"),
    ForeignKeyConstraint(["community_id"], ["community.id"]),
    # Forbids: an item whose photograph is nowhere.
    ForeignKeyConstraint(
        ["community_id", "picture_digest"],
        ["item_picture.community_id", "item_picture.digest"],
        name="fk_item_picture",
    ),
    *(
        # Forbids: rice counted in an account of noodles.
        ForeignKeyConstraint(
            ["community_id", f"{name}_account_id", "commodity_id"],
            ["account.community_id", "account.id", "account.commodity_id"],
            name=f"fk_item_{name}",
        )
        for name in ("donated", "issued", "disposed")
    ),
    CheckConstraint(one_of("kind", ITEM_KINDS), name="kind"),
    CheckConstraint("reference_fen >= 0", name="reference"),
    # Food has a shelf life. Forbids: rice that is never near its last day.
    CheckConstraint(
        "(kind = 'food') = (shelf_life_days IS NOT NULL)"
        " AND (shelf_life_days IS NULL OR shelf_life_days > 0)",
        name="shelf_life",
    ),
    CheckConstraint(one_of("storage", STORAGES), name="storage"),
)

# What somebody proposes for the catalogue. A column that stays empty is not to change; the whole
# entry of a new item stands here, and its ``item_id`` follows once it is agreed.
item_change = fixed(
    table(
        "item_change",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("item_id", BigInteger),
        Column("kind", String(10), nullable=False),
        Column("since_on", Date, nullable=False),
        Column("note", String(200), nullable=False),
        Column("name_zh", String(60)),
        Column("name_en", String(80)),
        Column("unit_zh", String(10)),
        Column("unit_en", String(20)),
        Column("item_kind", String(20)),
        Column("reference_fen", BigInteger),
        Column("shelf_life_days", Integer),
        Column("needs_cleaning", Boolean),
        Column("is_loan", Boolean),
        Column("storage", String(10)),
        Column("asks", String(200)),
        # What the item said before, as JSON, from the day on which the change took effect.
        Column("said_before", Text),
        Column("asked_by_person_id", BigInteger, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("state", String(10), nullable=False),
        # Whoever agreed or turned it down; NULL where nobody else is needed.
        Column("settled_by_person_id", BigInteger),
        Column("settled_at", Instant),
        Column("done_at", Instant),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
        *(
            ForeignKeyConstraint(
                ["community_id", f"{name}_by_person_id"],
                ["person.community_id", "person.id"],
                name=f"fk_item_change_{name}_by",
            )
            for name in ("asked", "settled")
        ),
        CheckConstraint(one_of("kind", CHANGE_KINDS), name="kind"),
        CheckConstraint(one_of("state", CHANGE_STATES), name="state"),
        # The price of an item gives points. Forbids: a coordinator who alone makes rice worth a
        # thousand yuan a bag.
        CheckConstraint(
            "reference_fen IS NULL OR state NOT IN ('agreed', 'done')"
            " OR (settled_by_person_id IS NOT NULL AND settled_by_person_id <> asked_by_person_id)",
            name="two_people",
        ),
        # Forbids: an end of no item, and an item that was added and has no entry.
        CheckConstraint(
            f"item_id IS NOT NULL OR (kind = '{ADD}' AND state <> 'done')", name="item"
        ),
        # Forbids: a new item without a name or a price, about which nobody could agree.
        CheckConstraint(
            f"kind <> '{ADD}' OR (name_zh IS NOT NULL AND name_en IS NOT NULL"
            " AND unit_zh IS NOT NULL AND unit_en IS NOT NULL AND item_kind IS NOT NULL"
            " AND reference_fen IS NOT NULL AND is_loan IS NOT NULL)",
            name="whole",
        ),
        # What an item is counted in stays. Forbids: three bags that become three boxes.
        CheckConstraint(
            f"kind <> '{CHANGE}' OR (unit_zh IS NULL AND unit_en IS NULL AND item_kind IS NULL"
            " AND is_loan IS NULL)",
            name="stays",
        ),
        CheckConstraint("(state = 'asked') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
    ),
    # Forbids: a price that is another one after somebody agreed to it.
    "kind", "since_on", "name_zh", "name_en", "reference_fen", "shelf_life_days",
    "asked_by_person_id", "asked_at",
)  # fmt: skip
_is_open = text(one_of("state", OPEN_STATES))
# Forbids: two proposals for one item at once, of which the second undoes the first unseen.
Index(
    "uq_item_change_open",
    item_change.c.community_id,
    item_change.c.item_id,
    unique=True,
    info=RACED,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
# What waits for a second person or for its day is little, however long the history is.
Index(
    "ix_item_change_open",
    item_change.c.community_id,
    item_change.c.state,
    item_change.c.since_on,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
Index(None, item_change.c.community_id, item_change.c.item_id, item_change.c.asked_at)
IS_OPEN_CHANGE = state_among(item_change.c.state, OPEN_STATES)

# The makers' barcodes of an item, learned where they are first scanned; an item may have many.
item_code = fixed(
    table(
        "item_code",
        Column("community_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False, autoincrement=False),
        Column("item_id", BigInteger, nullable=False),
        Column("gtin", String(14), nullable=False),
        Column("learned_at", Instant, nullable=False),
        Column("learned_by", String(80), nullable=False),
        Column("forgotten_at", Instant),
        PrimaryKeyConstraint("community_id", "id"),
        ForeignKeyConstraint(["community_id", "item_id"], ["item.community_id", "item.id"]),
        # Forbids: 6901234567892 beside 06901234567892, which is the same code.
        CheckConstraint("length(gtin) = 14", name="gtin"),
    ),
    "item_id", "gtin", "learned_at", "learned_by",
    closed="forgotten_at",
)  # fmt: skip
_is_known = text("forgotten_at IS NULL")
# Forbids: one barcode for both rice and noodles.
Index(
    "uq_item_code_gtin",
    item_code.c.community_id,
    item_code.c.gtin,
    unique=True,
    info=RACED,
    sqlite_where=_is_known,
    postgresql_where=_is_known,
)
Index(None, item_code.c.community_id, item_code.c.item_id)

store = table(
    "store",
    Column("community_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("place_id", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("code", String(8), nullable=False),
    # Since this day nothing is taken in or issued here; its history stays.
    Column("closed_on", Date),
    PrimaryKeyConstraint("community_id", "id"),
    # The code begins every receipt number. Forbids: two receipts S1-2025-000123.
    UniqueConstraint("community_id", "code"),
    # Forbids: two stores at one place, so that a keeper's rights are unclear.
    UniqueConstraint("community_id", "place_id", name="uq_store_place"),
    ForeignKeyConstraint(["community_id", "place_id"], ["place.community_id", "place.id"]),
    CheckConstraint(one_of("kind", STORE_KINDS), name="kind"),
)

# Forbids: receipt numbers of a store that does not exist. Deeds stand below stores and cannot
# name them, so the key is added here.
deeds.receipt_counter.append_constraint(
    ForeignKeyConstraint(["community_id", "store_id"], ["store.community_id", "store.id"])
)
