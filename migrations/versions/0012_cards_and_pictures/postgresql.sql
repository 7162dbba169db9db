CREATE TABLE card_issue (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    language VARCHAR(5) NOT NULL,
    large_text BOOLEAN NOT NULL,
    asked_by_person_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    pin_at BIGINT,
    given_by_person_id BIGINT,
    given_at BIGINT,
    card_id BIGINT,
    read_at BIGINT,
    CONSTRAINT pk_card_issue PRIMARY KEY (community_id, id),
    CONSTRAINT fk_card_issue_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_card_issue_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_card_issue_given_by FOREIGN KEY(community_id, given_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_card_issue_community_id_card_id FOREIGN KEY(community_id, card_id) REFERENCES card (community_id, id),
    CONSTRAINT ck_card_issue_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_card_issue_two_people CHECK (asked_by_person_id <> person_id AND (given_by_person_id IS NULL OR given_by_person_id <> asked_by_person_id)),
    CONSTRAINT ck_card_issue_by_pin CHECK (given_by_person_id <> person_id OR pin_at IS NOT NULL),
    CONSTRAINT ck_card_issue_given CHECK ((given_at IS NULL) = (given_by_person_id IS NULL) AND (given_at IS NULL) = (card_id IS NULL) AND (given_at IS NULL OR given_at < until_at)),
    CONSTRAINT ck_card_issue_read CHECK (read_at IS NULL OR given_at IS NOT NULL)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_card_issue_community_id_asked_at ON card_issue (community_id, asked_at)

CREATE INDEX ix_card_issue_community_id_person_id ON card_issue (community_id, person_id)

CREATE INDEX ix_card_issue_waiting ON card_issue (community_id, until_at) WHERE given_at IS NULL

CREATE TRIGGER card_issue_fixed BEFORE UPDATE OF person_id, asked_by_person_id, asked_at, until_at ON card_issue FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TABLE paper_picture (
    community_id BIGINT NOT NULL,
    proof_id BIGINT NOT NULL,
    picture_sealed BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    CONSTRAINT pk_paper_picture PRIMARY KEY (community_id, proof_id),
    CONSTRAINT fk_paper_picture_community_id_proof_id FOREIGN KEY(community_id, proof_id) REFERENCES proof (community_id, id) ON DELETE CASCADE
)
