CREATE TABLE household_origin (
    community_id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    from_household_id INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    until_on TEXT NOT NULL,
    CONSTRAINT pk_household_origin PRIMARY KEY (community_id, household_id, from_household_id, until_at),
    CONSTRAINT fk_household_origin_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_household_origin_from FOREIGN KEY(community_id, from_household_id) REFERENCES household (community_id, id),
    CONSTRAINT ck_household_origin_other CHECK (household_id <> from_household_id)
)
 STRICT

CREATE TRIGGER household_origin_no_update BEFORE update ON household_origin BEGIN SELECT RAISE(ABORT, 'history is never changed: household_origin'); END

CREATE TRIGGER household_origin_no_delete BEFORE delete ON household_origin BEGIN SELECT RAISE(ABORT, 'history is never changed: household_origin'); END

CREATE TABLE consent (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    said_by_person_id INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by_person_id INTEGER,
    CONSTRAINT pk_consent PRIMARY KEY (community_id, id),
    CONSTRAINT fk_consent_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_consent_said_by FOREIGN KEY(community_id, said_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_consent_recorded_by FOREIGN KEY(community_id, recorded_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_consent_kind CHECK (kind IN ('register', 'sensitive')),
    CONSTRAINT ck_consent_version CHECK (version > 0),
    CONSTRAINT ck_consent_outcome CHECK (outcome IN ('given', 'withdrawn'))
)
 STRICT

CREATE INDEX ix_consent_community_id_person_id ON consent (community_id, person_id)

CREATE TRIGGER consent_no_update BEFORE update ON consent BEGIN SELECT RAISE(ABORT, 'history is never changed: consent'); END

CREATE TRIGGER consent_no_delete BEFORE delete ON consent BEGIN SELECT RAISE(ABORT, 'history is never changed: consent'); END

CREATE TABLE detail_change (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER,
    household_id INTEGER,
    detail TEXT NOT NULL,
    before_sealed BLOB,
    after_sealed BLOB,
    recorded_at INTEGER NOT NULL,
    recorded_by_person_id INTEGER,
    CONSTRAINT pk_detail_change PRIMARY KEY (community_id, id),
    CONSTRAINT fk_detail_change_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_detail_change_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_detail_change_recorded_by FOREIGN KEY(community_id, recorded_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_detail_change_detail CHECK (detail IN ('name', 'id_no', 'phone', 'contacts', 'language', 'notes', 'relation', 'building', 'door')),
    CONSTRAINT ck_detail_change_whose CHECK ((person_id IS NULL) <> (household_id IS NULL) AND (detail IN ('name', 'id_no', 'phone', 'contacts', 'language', 'notes', 'relation')) = (person_id IS NOT NULL))
)
 STRICT

CREATE INDEX ix_detail_change_community_id_household_id ON detail_change (community_id, household_id)

CREATE INDEX ix_detail_change_community_id_person_id ON detail_change (community_id, person_id)

CREATE TRIGGER detail_change_no_update BEFORE update OF community_id, id, person_id, household_id, detail, recorded_at, recorded_by_person_id ON detail_change BEGIN SELECT RAISE(ABORT, 'history is never changed: detail_change'); END

CREATE TRIGGER detail_change_no_delete BEFORE delete ON detail_change BEGIN SELECT RAISE(ABORT, 'history is never changed: detail_change'); END

CREATE TRIGGER detail_change_before_sealed_kept BEFORE UPDATE OF before_sealed ON detail_change FOR EACH ROW WHEN (NEW.before_sealed IS NOT OLD.before_sealed AND (OLD.before_sealed IS NULL OR NEW.before_sealed IS NULL OR substr(NEW.before_sealed, 1, 5) = substr(OLD.before_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: detail_change'); END

CREATE TRIGGER detail_change_after_sealed_kept BEFORE UPDATE OF after_sealed ON detail_change FOR EACH ROW WHEN (NEW.after_sealed IS NOT OLD.after_sealed AND (OLD.after_sealed IS NULL OR NEW.after_sealed IS NULL OR substr(NEW.after_sealed, 1, 5) = substr(OLD.after_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: detail_change'); END

CREATE TABLE home_change (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    from_household_id INTEGER,
    to_household_id INTEGER,
    why TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by_person_id INTEGER,
    CONSTRAINT pk_home_change PRIMARY KEY (community_id, id),
    CONSTRAINT fk_home_change_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_home_change_from FOREIGN KEY(community_id, from_household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_home_change_to FOREIGN KEY(community_id, to_household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_home_change_recorded_by FOREIGN KEY(community_id, recorded_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_home_change_why CHECK (why IN ('moved', 'split', 'joined', 'left', 'died')),
    CONSTRAINT ck_home_change_moves CHECK ((from_household_id IS NOT NULL OR to_household_id IS NOT NULL) AND (from_household_id IS NULL OR to_household_id IS NULL OR from_household_id <> to_household_id)),
    CONSTRAINT ck_home_change_away CHECK ((why IN ('left', 'died')) = (to_household_id IS NULL))
)
 STRICT

CREATE INDEX ix_home_change_community_id_from_household_id ON home_change (community_id, from_household_id)

CREATE INDEX ix_home_change_community_id_person_id ON home_change (community_id, person_id)

CREATE INDEX ix_home_change_community_id_to_household_id ON home_change (community_id, to_household_id)

CREATE TRIGGER home_change_no_update BEFORE update ON home_change BEGIN SELECT RAISE(ABORT, 'history is never changed: home_change'); END

CREATE TRIGGER home_change_no_delete BEFORE delete ON home_change BEGIN SELECT RAISE(ABORT, 'history is never changed: home_change'); END

ALTER TABLE person ADD COLUMN relation_to_head TEXT

ALTER TABLE person ADD COLUMN language TEXT

ALTER TABLE person ADD COLUMN away_since_on TEXT

ALTER TABLE person ADD COLUMN away_why TEXT
    CONSTRAINT ck_person_away CHECK ((away_since_on IS NULL) = (away_why IS NULL) AND (away_why IS NULL OR household_id IS NULL))
    CONSTRAINT ck_person_away_why CHECK (away_why IN ('left', 'died'))
    CONSTRAINT ck_person_language CHECK (language IN ('zh', 'en'))
    CONSTRAINT ck_person_relation_to_head CHECK (relation_to_head IN ('head', 'spouse', 'child', 'child_in_law', 'grandchild', 'parent', 'sibling', 'other'))

CREATE UNIQUE INDEX uq_person_head ON person (community_id, household_id) WHERE relation_to_head = 'head'
