ALTER TABLE person ADD COLUMN away_since_on DATE

ALTER TABLE person ADD COLUMN away_why VARCHAR(10)

ALTER TABLE person ADD COLUMN language VARCHAR(8)

ALTER TABLE person ADD COLUMN relation_to_head VARCHAR(16)

ALTER TABLE person ADD CONSTRAINT ck_person_away CHECK ((away_since_on IS NULL) = (away_why IS NULL) AND (away_why IS NULL OR household_id IS NULL))

ALTER TABLE person ADD CONSTRAINT ck_person_away_why CHECK (away_why IN ('left', 'died'))

ALTER TABLE person ADD CONSTRAINT ck_person_language CHECK (language IN ('zh', 'en'))

ALTER TABLE person ADD CONSTRAINT ck_person_relation_to_head CHECK (relation_to_head IN ('head', 'spouse', 'child', 'child_in_law', 'grandchild', 'parent', 'sibling', 'other'))

CREATE TABLE household_origin (
    community_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    from_household_id BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    until_on DATE NOT NULL,
    CONSTRAINT pk_household_origin PRIMARY KEY (community_id, household_id, from_household_id, until_at),
    CONSTRAINT fk_household_origin_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_household_origin_from FOREIGN KEY(community_id, from_household_id) REFERENCES household (community_id, id),
    CONSTRAINT ck_household_origin_other CHECK (household_id <> from_household_id)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER household_origin_no_change BEFORE UPDATE OR DELETE ON household_origin FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER household_origin_no_truncate BEFORE TRUNCATE ON household_origin EXECUTE FUNCTION refuse_change()

CREATE TABLE consent (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    kind VARCHAR(12) NOT NULL,
    version SMALLINT NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    said_by_person_id BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by_person_id BIGINT,
    CONSTRAINT pk_consent PRIMARY KEY (community_id, id),
    CONSTRAINT fk_consent_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_consent_said_by FOREIGN KEY(community_id, said_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_consent_recorded_by FOREIGN KEY(community_id, recorded_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_consent_kind CHECK (kind IN ('register', 'sensitive')),
    CONSTRAINT ck_consent_version CHECK (version > 0),
    CONSTRAINT ck_consent_outcome CHECK (outcome IN ('given', 'withdrawn'))
)

CREATE INDEX ix_consent_community_id_person_id ON consent (community_id, person_id)

CREATE TRIGGER consent_no_change BEFORE UPDATE OR DELETE ON consent FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER consent_no_truncate BEFORE TRUNCATE ON consent EXECUTE FUNCTION refuse_change()

CREATE TABLE detail_change (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT,
    household_id BIGINT,
    detail VARCHAR(16) NOT NULL,
    before_sealed BYTEA,
    after_sealed BYTEA,
    recorded_at BIGINT NOT NULL,
    recorded_by_person_id BIGINT,
    CONSTRAINT pk_detail_change PRIMARY KEY (community_id, id),
    CONSTRAINT fk_detail_change_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_detail_change_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_detail_change_recorded_by FOREIGN KEY(community_id, recorded_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_detail_change_detail CHECK (detail IN ('name', 'id_no', 'phone', 'contacts', 'language', 'notes', 'relation', 'building', 'door')),
    CONSTRAINT ck_detail_change_whose CHECK ((person_id IS NULL) <> (household_id IS NULL) AND (detail IN ('name', 'id_no', 'phone', 'contacts', 'language', 'notes', 'relation')) = (person_id IS NOT NULL))
)

CREATE INDEX ix_detail_change_community_id_household_id ON detail_change (community_id, household_id)

CREATE INDEX ix_detail_change_community_id_person_id ON detail_change (community_id, person_id)

CREATE TRIGGER detail_change_no_change BEFORE UPDATE OF community_id, id, person_id, household_id, detail, recorded_at, recorded_by_person_id OR DELETE ON detail_change FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER detail_change_no_truncate BEFORE TRUNCATE ON detail_change EXECUTE FUNCTION refuse_change()

CREATE TRIGGER detail_change_before_sealed_kept BEFORE UPDATE OF before_sealed ON detail_change FOR EACH ROW WHEN (NEW.before_sealed IS DISTINCT FROM OLD.before_sealed AND (OLD.before_sealed IS NULL OR NEW.before_sealed IS NULL OR substr(NEW.before_sealed, 1, 5) = substr(OLD.before_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER detail_change_after_sealed_kept BEFORE UPDATE OF after_sealed ON detail_change FOR EACH ROW WHEN (NEW.after_sealed IS DISTINCT FROM OLD.after_sealed AND (OLD.after_sealed IS NULL OR NEW.after_sealed IS NULL OR substr(NEW.after_sealed, 1, 5) = substr(OLD.after_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TABLE home_change (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    from_household_id BIGINT,
    to_household_id BIGINT,
    why VARCHAR(10) NOT NULL,
    happened_on DATE NOT NULL,
    note VARCHAR(200) NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by_person_id BIGINT,
    CONSTRAINT pk_home_change PRIMARY KEY (community_id, id),
    CONSTRAINT fk_home_change_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_home_change_from FOREIGN KEY(community_id, from_household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_home_change_to FOREIGN KEY(community_id, to_household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_home_change_recorded_by FOREIGN KEY(community_id, recorded_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_home_change_why CHECK (why IN ('moved', 'split', 'joined', 'left', 'died')),
    CONSTRAINT ck_home_change_moves CHECK ((from_household_id IS NOT NULL OR to_household_id IS NOT NULL) AND (from_household_id IS NULL OR to_household_id IS NULL OR from_household_id <> to_household_id)),
    CONSTRAINT ck_home_change_away CHECK ((why IN ('left', 'died')) = (to_household_id IS NULL))
)

CREATE INDEX ix_home_change_community_id_from_household_id ON home_change (community_id, from_household_id)

CREATE INDEX ix_home_change_community_id_person_id ON home_change (community_id, person_id)

CREATE INDEX ix_home_change_community_id_to_household_id ON home_change (community_id, to_household_id)

CREATE TRIGGER home_change_no_change BEFORE UPDATE OR DELETE ON home_change FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER home_change_no_truncate BEFORE TRUNCATE ON home_change EXECUTE FUNCTION refuse_change()

CREATE UNIQUE INDEX uq_person_head ON person (community_id, household_id) WHERE relation_to_head = 'head'
