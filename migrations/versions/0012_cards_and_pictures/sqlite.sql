CREATE TABLE card_issue (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    language TEXT NOT NULL,
    large_text INTEGER NOT NULL,
    asked_by_person_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    pin_at INTEGER,
    given_by_person_id INTEGER,
    given_at INTEGER,
    card_id INTEGER,
    read_at INTEGER,
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
 STRICT

CREATE INDEX ix_card_issue_community_id_asked_at ON card_issue (community_id, asked_at)

CREATE INDEX ix_card_issue_community_id_person_id ON card_issue (community_id, person_id)

CREATE INDEX ix_card_issue_waiting ON card_issue (community_id, until_at) WHERE given_at IS NULL

CREATE TRIGGER card_issue_fixed BEFORE UPDATE OF person_id, asked_by_person_id, asked_at, until_at ON card_issue BEGIN SELECT RAISE(ABORT, 'history is never changed: card_issue'); END

CREATE TABLE paper_picture (
    community_id INTEGER NOT NULL,
    proof_id INTEGER NOT NULL,
    picture_sealed BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    CONSTRAINT pk_paper_picture PRIMARY KEY (community_id, proof_id),
    CONSTRAINT fk_paper_picture_community_id_proof_id FOREIGN KEY(community_id, proof_id) REFERENCES proof (community_id, id) ON DELETE CASCADE
)
 STRICT
