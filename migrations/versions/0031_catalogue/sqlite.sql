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

ALTER TABLE item ADD COLUMN storage TEXT DEFAULT 'dry' NOT NULL

ALTER TABLE item ADD COLUMN asks TEXT DEFAULT '' NOT NULL

ALTER TABLE item ADD COLUMN retired_on TEXT
    CONSTRAINT ck_item_storage CHECK (storage IN ('dry', 'cool', 'fridge', 'freezer'))

ALTER TABLE store ADD COLUMN closed_on TEXT

ALTER TABLE deposit_line ADD COLUMN maker_lot TEXT
