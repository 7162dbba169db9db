CREATE TABLE form_draft (
    community_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    address_digest BLOB NOT NULL,
    typed_sealed BLOB NOT NULL,
    kept_at INTEGER NOT NULL,
    CONSTRAINT pk_form_draft PRIMARY KEY (community_id, person_id, address_digest),
    CONSTRAINT fk_form_draft_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_form_draft_digest CHECK (length(address_digest) = 32)
)
 STRICT

CREATE INDEX ix_form_draft_community_id_kept_at ON form_draft (community_id, kept_at)

CREATE INDEX ix_claim_issued_code ON claim (community_id, store_id, pickup_digest) WHERE state = 'issued'
