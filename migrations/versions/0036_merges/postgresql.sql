ALTER TABLE household_origin ADD COLUMN merge_id BIGINT

ALTER TABLE person ADD COLUMN merged_at BIGINT

ALTER TABLE person ADD COLUMN merged_into_id BIGINT

ALTER TABLE person ADD CONSTRAINT ck_person_merged CHECK ((merged_into_id IS NULL) = (merged_at IS NULL) AND (merged_into_id IS NULL OR (merged_into_id <> id AND relation_to_head IS NULL)))

CREATE TABLE person_merge (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    into_person_id BIGINT NOT NULL,
    undoes_id BIGINT,
    reason VARCHAR(200) NOT NULL,
    asked_by_person_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    answer VARCHAR(12),
    answered_by_person_id BIGINT,
    answered_at BIGINT,
    from_household_id BIGINT,
    from_relation VARCHAR(16),
    txn_id BIGINT,
    CONSTRAINT pk_person_merge PRIMARY KEY (community_id, id),
    CONSTRAINT fk_person_merge_person FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_person_merge_into_person FOREIGN KEY(community_id, into_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_person_merge_asked_by_person FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_person_merge_answered_by_person FOREIGN KEY(community_id, answered_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_person_merge_undoes FOREIGN KEY(community_id, undoes_id) REFERENCES person_merge (community_id, id),
    CONSTRAINT fk_person_merge_community_id_from_household_id FOREIGN KEY(community_id, from_household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_person_merge_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_person_merge_two_records CHECK (person_id <> into_person_id),
    CONSTRAINT ck_person_merge_answer CHECK (answer IN ('one_person', 'two_people')),
    CONSTRAINT ck_person_merge_two_people CHECK (asked_by_person_id NOT IN (person_id, into_person_id) AND (answered_by_person_id IS NULL OR answered_by_person_id NOT IN (person_id, into_person_id, asked_by_person_id))),
    CONSTRAINT ck_person_merge_answered CHECK ((answered_at IS NULL) = (answered_by_person_id IS NULL) AND (answered_at IS NULL) = (answer IS NULL) AND (answered_at IS NULL OR answered_at < until_at)),
    CONSTRAINT ck_person_merge_done CHECK ((txn_id IS NULL AND from_household_id IS NULL) OR answer = 'one_person')
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_person_merge_community_id_into_person_id ON person_merge (community_id, into_person_id)

CREATE INDEX ix_person_merge_community_id_person_id ON person_merge (community_id, person_id)

CREATE INDEX ix_person_merge_waiting ON person_merge (community_id, until_at) WHERE answered_at IS NULL

CREATE UNIQUE INDEX uq_person_merge_undoes ON person_merge (community_id, undoes_id) WHERE answer = 'one_person' AND undoes_id IS NOT NULL

CREATE TRIGGER person_merge_fixed BEFORE UPDATE OF person_id, into_person_id, undoes_id, reason, asked_by_person_id, asked_at, until_at ON person_merge FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER person_merge_closed BEFORE UPDATE ON person_merge FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION refuse_change()

CREATE INDEX ix_person_merged ON person (community_id, merged_into_id) WHERE merged_into_id IS NOT NULL
