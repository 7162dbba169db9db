CREATE TABLE service_overlap (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    record_id INTEGER NOT NULL,
    other_record_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    settled_at INTEGER,
    settled_by TEXT,
    settled_by_person_id INTEGER,
    note TEXT,
    CONSTRAINT pk_service_overlap PRIMARY KEY (community_id, id),
    CONSTRAINT uq_service_overlap_community_id_record_id_other_record_id UNIQUE (community_id, record_id, other_record_id),
    CONSTRAINT fk_service_overlap_community_id_record_id FOREIGN KEY(community_id, record_id) REFERENCES service_record (community_id, id),
    CONSTRAINT fk_service_overlap_community_id_other_record_id FOREIGN KEY(community_id, other_record_id) REFERENCES service_record (community_id, id),
    CONSTRAINT fk_service_overlap_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_service_overlap_two_records CHECK (record_id <> other_record_id),
    CONSTRAINT ck_service_overlap_settled CHECK ((settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (note IS NULL))
)
 STRICT

CREATE INDEX ix_service_overlap_other_record_id_open ON service_overlap (community_id, other_record_id) WHERE settled_at IS NULL

CREATE INDEX ix_service_overlap_record_id_open ON service_overlap (community_id, record_id) WHERE settled_at IS NULL
