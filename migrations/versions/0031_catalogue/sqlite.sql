CREATE TABLE item_picture (
    community_id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    picture BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    CONSTRAINT pk_item_picture PRIMARY KEY (community_id, digest),
    CONSTRAINT fk_item_picture_community_id FOREIGN KEY(community_id) REFERENCES community (id)
)
 STRICT

CREATE TRIGGER item_picture_no_update BEFORE update ON item_picture BEGIN SELECT RAISE(ABORT, 'history is never changed: item_picture'); END

CREATE TRIGGER item_picture_no_delete BEFORE delete ON item_picture BEGIN SELECT RAISE(ABORT, 'history is never changed: item_picture'); END

CREATE TABLE item_code (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    gtin TEXT NOT NULL,
    learned_at INTEGER NOT NULL,
    learned_by TEXT NOT NULL,
    forgotten_at INTEGER,
    CONSTRAINT pk_item_code PRIMARY KEY (community_id, id),
    CONSTRAINT fk_item_code_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_item_code_gtin CHECK (length(gtin) = 14)
)
 STRICT

CREATE INDEX ix_item_code_community_id_item_id ON item_code (community_id, item_id)

CREATE UNIQUE INDEX uq_item_code_gtin ON item_code (community_id, gtin) WHERE forgotten_at IS NULL

CREATE TRIGGER item_code_fixed BEFORE UPDATE OF item_id, gtin, learned_at, learned_by ON item_code BEGIN SELECT RAISE(ABORT, 'history is never changed: item_code'); END

CREATE TRIGGER item_code_closed BEFORE UPDATE ON item_code WHEN OLD.forgotten_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'history is never changed: item_code'); END

CREATE TABLE item_change (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    item_id INTEGER,
    kind TEXT NOT NULL,
    since_on TEXT NOT NULL,
    note TEXT NOT NULL,
    name_zh TEXT,
    name_en TEXT,
    unit_zh TEXT,
    unit_en TEXT,
    item_kind TEXT,
    reference_fen INTEGER,
    shelf_life_days INTEGER,
    needs_cleaning INTEGER,
    is_loan INTEGER,
    storage TEXT,
    asks TEXT,
    said_before TEXT,
    asked_by_person_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    settled_by_person_id INTEGER,
    settled_at INTEGER,
    done_at INTEGER,
    CONSTRAINT pk_item_change PRIMARY KEY (community_id, id),
    CONSTRAINT fk_item_change_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT fk_item_change_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_item_change_settled_by FOREIGN KEY(community_id, settled_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_item_change_kind CHECK (kind IN ('add', 'change', 'retire', 'resume')),
    CONSTRAINT ck_item_change_state CHECK (state IN ('asked', 'agreed', 'done', 'dropped')),
    CONSTRAINT ck_item_change_two_people CHECK (reference_fen IS NULL OR state NOT IN ('agreed', 'done') OR (settled_by_person_id IS NOT NULL AND settled_by_person_id <> asked_by_person_id)),
    CONSTRAINT ck_item_change_item CHECK (item_id IS NOT NULL OR (kind = 'add' AND state <> 'done')),
    CONSTRAINT ck_item_change_whole CHECK (kind <> 'add' OR (name_zh IS NOT NULL AND name_en IS NOT NULL AND unit_zh IS NOT NULL AND unit_en IS NOT NULL AND item_kind IS NOT NULL AND reference_fen IS NOT NULL AND is_loan IS NOT NULL)),
    CONSTRAINT ck_item_change_stays CHECK (kind <> 'change' OR (unit_zh IS NULL AND unit_en IS NULL AND item_kind IS NULL AND is_loan IS NULL)),
    CONSTRAINT ck_item_change_settled CHECK ((state = 'asked') = (settled_at IS NULL)),
    CONSTRAINT ck_item_change_done CHECK ((state = 'done') = (done_at IS NOT NULL))
)
 STRICT

CREATE INDEX ix_item_change_community_id_item_id_asked_at ON item_change (community_id, item_id, asked_at)

CREATE INDEX ix_item_change_open ON item_change (community_id, state, since_on) WHERE state IN ('asked', 'agreed')

CREATE UNIQUE INDEX uq_item_change_open ON item_change (community_id, item_id) WHERE state IN ('asked', 'agreed')

CREATE TRIGGER item_change_fixed BEFORE UPDATE OF kind, since_on, name_zh, name_en, reference_fen, shelf_life_days, asked_by_person_id, asked_at ON item_change BEGIN SELECT RAISE(ABORT, 'history is never changed: item_change'); END

ALTER TABLE service ADD COLUMN retired_on TEXT

ALTER TABLE place ADD COLUMN ended_on TEXT

CREATE TABLE new_item (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit_zh TEXT NOT NULL,
    unit_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    barcode TEXT NOT NULL,
    reference_fen INTEGER NOT NULL,
    shelf_life_days INTEGER,
    needs_cleaning INTEGER NOT NULL,
    is_loan INTEGER NOT NULL,
    storage TEXT DEFAULT 'dry' NOT NULL,
    asks TEXT DEFAULT '' NOT NULL,
    picture_digest TEXT,
    retired_on TEXT,
    commodity_id INTEGER NOT NULL,
    donated_account_id INTEGER NOT NULL,
    issued_account_id INTEGER NOT NULL,
    disposed_account_id INTEGER NOT NULL,
    CONSTRAINT pk_item PRIMARY KEY (community_id, id),
    CONSTRAINT uq_item_community_id_barcode UNIQUE (community_id, barcode),
    CONSTRAINT fk_item_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_item_picture FOREIGN KEY(community_id, picture_digest) REFERENCES item_picture (community_id, digest),
    CONSTRAINT fk_item_donated FOREIGN KEY(community_id, donated_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT fk_item_issued FOREIGN KEY(community_id, issued_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT fk_item_disposed FOREIGN KEY(community_id, disposed_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT ck_item_kind CHECK (kind IN ('food', 'household', 'clothes', 'bedding', 'toys', 'books', 'electrical', 'mobility', 'other')),
    CONSTRAINT ck_item_reference CHECK (reference_fen >= 0),
    CONSTRAINT ck_item_shelf_life CHECK ((kind = 'food') = (shelf_life_days IS NOT NULL) AND (shelf_life_days IS NULL OR shelf_life_days > 0)),
    CONSTRAINT ck_item_storage CHECK (storage IN ('dry', 'cool', 'fridge', 'freezer'))
)
 STRICT

INSERT INTO new_item (community_id, id, name_zh, name_en, unit_zh, unit_en, kind, barcode, reference_fen, shelf_life_days, needs_cleaning, is_loan, commodity_id, donated_account_id, issued_account_id, disposed_account_id)
SELECT community_id, id, name_zh, name_en, unit_zh, unit_en, kind, barcode, reference_fen, shelf_life_days, needs_cleaning, is_loan, commodity_id, donated_account_id, issued_account_id, disposed_account_id FROM item

DROP TABLE item

PRAGMA legacy_alter_table = ON

ALTER TABLE new_item RENAME TO item

PRAGMA legacy_alter_table = OFF

ALTER TABLE store ADD COLUMN closed_on TEXT

ALTER TABLE deposit_line ADD COLUMN maker_lot TEXT
