ALTER TABLE deposit_line ADD COLUMN maker_lot VARCHAR(20)

ALTER TABLE item ADD COLUMN asks VARCHAR(200) DEFAULT '' NOT NULL

ALTER TABLE item ADD COLUMN picture_digest VARCHAR(64)

ALTER TABLE item ADD COLUMN retired_on DATE

ALTER TABLE item ADD COLUMN storage VARCHAR(10) DEFAULT 'dry' NOT NULL

ALTER TABLE place ADD COLUMN ended_on DATE

ALTER TABLE service ADD COLUMN retired_on DATE

ALTER TABLE store ADD COLUMN closed_on DATE

ALTER TABLE item ADD CONSTRAINT ck_item_storage CHECK (storage IN ('dry', 'cool', 'fridge', 'freezer'))

CREATE TABLE item_picture (
    community_id BIGINT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    picture BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    CONSTRAINT pk_item_picture PRIMARY KEY (community_id, digest),
    CONSTRAINT fk_item_picture_community_id FOREIGN KEY(community_id) REFERENCES community (id)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER item_picture_no_change BEFORE UPDATE OR DELETE ON item_picture FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER item_picture_no_truncate BEFORE TRUNCATE ON item_picture EXECUTE FUNCTION refuse_change()

CREATE TABLE item_code (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    gtin VARCHAR(14) NOT NULL,
    learned_at BIGINT NOT NULL,
    learned_by VARCHAR(80) NOT NULL,
    forgotten_at BIGINT,
    CONSTRAINT pk_item_code PRIMARY KEY (community_id, id),
    CONSTRAINT fk_item_code_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_item_code_gtin CHECK (length(gtin) = 14)
)

CREATE INDEX ix_item_code_community_id_item_id ON item_code (community_id, item_id)

CREATE UNIQUE INDEX uq_item_code_gtin ON item_code (community_id, gtin) WHERE forgotten_at IS NULL

CREATE TRIGGER item_code_fixed BEFORE UPDATE OF item_id, gtin, learned_at, learned_by ON item_code FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER item_code_closed BEFORE UPDATE ON item_code FOR EACH ROW WHEN (OLD.forgotten_at IS NOT NULL) EXECUTE FUNCTION refuse_change()

CREATE TABLE item_change (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT,
    kind VARCHAR(10) NOT NULL,
    since_on DATE NOT NULL,
    note VARCHAR(200) NOT NULL,
    name_zh VARCHAR(60),
    name_en VARCHAR(80),
    unit_zh VARCHAR(10),
    unit_en VARCHAR(20),
    item_kind VARCHAR(20),
    reference_fen BIGINT,
    shelf_life_days INTEGER,
    needs_cleaning BOOLEAN,
    is_loan BOOLEAN,
    storage VARCHAR(10),
    asks VARCHAR(200),
    said_before TEXT,
    asked_by_person_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    state VARCHAR(10) NOT NULL,
    settled_by_person_id BIGINT,
    settled_at BIGINT,
    done_at BIGINT,
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

CREATE INDEX ix_item_change_community_id_item_id_asked_at ON item_change (community_id, item_id, asked_at)

CREATE INDEX ix_item_change_open ON item_change (community_id, state, since_on) WHERE state IN ('asked', 'agreed')

CREATE UNIQUE INDEX uq_item_change_open ON item_change (community_id, item_id) WHERE state IN ('asked', 'agreed')

CREATE TRIGGER item_change_fixed BEFORE UPDATE OF kind, since_on, name_zh, name_en, reference_fen, shelf_life_days, asked_by_person_id, asked_at ON item_change FOR EACH ROW EXECUTE FUNCTION refuse_change()

ALTER TABLE item ADD CONSTRAINT fk_item_picture FOREIGN KEY(community_id, picture_digest) REFERENCES item_picture (community_id, digest)
