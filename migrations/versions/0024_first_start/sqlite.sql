CREATE TABLE set_up_code (
    id INTEGER NOT NULL,
    code_digest BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT pk_set_up_code PRIMARY KEY (id),
    CONSTRAINT uq_set_up_code_code_digest UNIQUE (code_digest),
    CONSTRAINT ck_set_up_code_digest CHECK (length(code_digest) = 32)
)
 STRICT

CREATE TABLE set_up_try (
    source_digest BLOB NOT NULL,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    closed_until_at INTEGER NOT NULL,
    CONSTRAINT pk_set_up_try PRIMARY KEY (source_digest),
    CONSTRAINT ck_set_up_try_failures CHECK (failures BETWEEN 0 AND 30000)
)
 STRICT

CREATE TABLE set_up_draft (
    id INTEGER NOT NULL,
    tables TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    community_id INTEGER,
    CONSTRAINT pk_set_up_draft PRIMARY KEY (id),
    CONSTRAINT fk_set_up_draft_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_set_up_draft_one_row CHECK (id = 1)
)
 STRICT

CREATE TABLE first_slip (
    community_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    roles TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT pk_first_slip PRIMARY KEY (community_id, person_id),
    CONSTRAINT fk_first_slip_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_first_slip_roles CHECK (roles <> '')
)
 STRICT

ALTER TABLE community ADD COLUMN street TEXT

ALTER TABLE community ADD COLUMN division_code TEXT

ALTER TABLE community ADD COLUMN contact_name TEXT

ALTER TABLE community ADD COLUMN contact_phone TEXT

ALTER TABLE place ADD COLUMN address TEXT

ALTER TABLE place ADD COLUMN phone TEXT
