ALTER TABLE kiosk_pairing ADD COLUMN permit_id BIGINT

CREATE TABLE kiosk_permit (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    asked_by_person_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    confirmed_by_person_id BIGINT,
    confirmed_at BIGINT,
    withdrawn_by_person_id BIGINT,
    withdrawn_at BIGINT,
    device_id BIGINT,
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

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_kiosk_permit_open ON kiosk_permit (community_id, until_at) WHERE device_id IS NULL AND withdrawn_at IS NULL

CREATE TRIGGER kiosk_permit_fixed BEFORE UPDATE OF store_id, asked_by_person_id, asked_at, until_at ON kiosk_permit FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TABLE relation (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    other_person_id BIGINT NOT NULL,
    kind VARCHAR(12) NOT NULL,
    from_on DATE NOT NULL,
    entered_at BIGINT NOT NULL,
    entered_by_person_id BIGINT,
    ended_at BIGINT,
    ended_by_person_id BIGINT,
    end_reason VARCHAR(200),
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

CREATE INDEX ix_relation_community_id_other_person_id ON relation (community_id, other_person_id)

CREATE INDEX ix_relation_community_id_person_id ON relation (community_id, person_id)

CREATE UNIQUE INDEX uq_relation_open ON relation (community_id, person_id, other_person_id) WHERE ended_at IS NULL

CREATE TRIGGER relation_fixed BEFORE UPDATE OF person_id, other_person_id, kind, from_on, entered_at, entered_by_person_id ON relation FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER relation_closed BEFORE UPDATE ON relation FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change()

ALTER TABLE kiosk_pairing ADD CONSTRAINT fk_kiosk_pairing_community_id_permit_id FOREIGN KEY(community_id, permit_id) REFERENCES kiosk_permit (community_id, id)
