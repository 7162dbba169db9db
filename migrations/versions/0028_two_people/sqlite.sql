CREATE TABLE kiosk_permit (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    asked_by_person_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    confirmed_by_person_id INTEGER,
    confirmed_at INTEGER,
    withdrawn_by_person_id INTEGER,
    withdrawn_at INTEGER,
    device_id INTEGER,
    CONSTRAINT pk_kiosk_permit PRIMARY KEY (community_id, id),
    CONSTRAINT fk_kiosk_permit_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_permit_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_kiosk_permit_confirmed_by FOREIGN KEY(community_id, confirmed_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_kiosk_permit_withdrawn_by FOREIGN KEY(community_id, withdrawn_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_kiosk_permit_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id),
    CONSTRAINT ck_kiosk_permit_two_people CHECK (confirmed_by_person_id <> asked_by_person_id),
    CONSTRAINT ck_kiosk_permit_confirmed CHECK ((confirmed_at IS NULL) = (confirmed_by_person_id IS NULL) AND (confirmed_at IS NULL OR confirmed_at < until_at)),
    CONSTRAINT ck_kiosk_permit_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_person_id IS NULL)),
    CONSTRAINT ck_kiosk_permit_used CHECK (device_id IS NULL OR (confirmed_at IS NOT NULL AND withdrawn_at IS NULL)),
    CONSTRAINT uq_kiosk_permit_device UNIQUE (community_id, device_id)
)
 STRICT

CREATE INDEX ix_kiosk_permit_open ON kiosk_permit (community_id, until_at) WHERE device_id IS NULL AND withdrawn_at IS NULL

CREATE TRIGGER kiosk_permit_fixed BEFORE UPDATE OF store_id, asked_by_person_id, asked_at, until_at ON kiosk_permit BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_permit'); END

CREATE TABLE relation (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    other_person_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    from_on TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    entered_by_person_id INTEGER,
    ended_at INTEGER,
    ended_by_person_id INTEGER,
    end_reason TEXT,
    CONSTRAINT pk_relation PRIMARY KEY (community_id, id),
    CONSTRAINT fk_relation_person FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_relation_other_person FOREIGN KEY(community_id, other_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_relation_entered_by_person FOREIGN KEY(community_id, entered_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_relation_ended_by_person FOREIGN KEY(community_id, ended_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_relation_pair CHECK (person_id < other_person_id),
    CONSTRAINT ck_relation_kind CHECK (kind IN ('spouse', 'parent_child', 'grandparent', 'siblings', 'in_laws', 'other')),
    CONSTRAINT ck_relation_ended CHECK ((ended_at IS NULL) = (ended_by_person_id IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT ck_relation_ended_by_other CHECK (ended_by_person_id <> person_id AND ended_by_person_id <> other_person_id)
)
 STRICT

CREATE INDEX ix_relation_community_id_other_person_id ON relation (community_id, other_person_id)

CREATE INDEX ix_relation_community_id_person_id ON relation (community_id, person_id)

CREATE UNIQUE INDEX uq_relation_open ON relation (community_id, person_id, other_person_id) WHERE ended_at IS NULL

CREATE TRIGGER relation_fixed BEFORE UPDATE OF person_id, other_person_id, kind, from_on, entered_at, entered_by_person_id ON relation BEGIN SELECT RAISE(ABORT, 'history is never changed: relation'); END

CREATE TRIGGER relation_closed BEFORE UPDATE ON relation WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'history is never changed: relation'); END

CREATE TABLE new_kiosk_pairing (
    community_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    made_by INTEGER,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    device_id INTEGER,
    permit_id INTEGER,
    CONSTRAINT pk_kiosk_pairing PRIMARY KEY (community_id, code),
    CONSTRAINT fk_kiosk_pairing_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_pairing_community_id_permit_id FOREIGN KEY(community_id, permit_id) REFERENCES kiosk_permit (community_id, id)
)
 STRICT

INSERT INTO new_kiosk_pairing (community_id, code, store_id, made_by, made_at, expires_at, device_id)
SELECT community_id, code, store_id, made_by, made_at, expires_at, device_id FROM kiosk_pairing

DROP TABLE kiosk_pairing

PRAGMA legacy_alter_table = ON

ALTER TABLE new_kiosk_pairing RENAME TO kiosk_pairing

PRAGMA legacy_alter_table = OFF
