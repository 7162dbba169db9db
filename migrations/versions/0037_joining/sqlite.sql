CREATE TABLE offered_service (
    community_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    free_times INTEGER NOT NULL,
    since_on TEXT NOT NULL,
    CONSTRAINT pk_offered_service PRIMARY KEY (community_id, person_id, service_id),
    CONSTRAINT fk_offered_service_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_offered_service_community_id_service_id FOREIGN KEY(community_id, service_id) REFERENCES service (community_id, id),
    CONSTRAINT ck_offered_service_free_times CHECK (free_times BETWEEN 0 AND 63)
)
 STRICT

CREATE INDEX ix_offered_service_community_id_service_id ON offered_service (community_id, service_id)

CREATE TABLE registration (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    registration_no TEXT NOT NULL,
    state TEXT NOT NULL,
    building_id INTEGER,
    grid_id INTEGER,
    name_sealed BLOB,
    birth_sealed BLOB,
    birth_digest BLOB,
    phone_sealed BLOB,
    guardian_sealed BLOB,
    language TEXT NOT NULL,
    is_volunteer INTEGER NOT NULL,
    free_times INTEGER NOT NULL,
    notice_version INTEGER NOT NULL,
    source_digest BLOB NOT NULL,
    browser_digest BLOB,
    registered_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    settled_at INTEGER,
    settled_by_person_id INTEGER,
    end_why TEXT,
    person_id INTEGER,
    CONSTRAINT pk_registration PRIMARY KEY (community_id, id),
    CONSTRAINT uq_registration_community_id_registration_no UNIQUE (community_id, registration_no),
    CONSTRAINT fk_registration_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_registration_community_id_building_id FOREIGN KEY(community_id, building_id) REFERENCES place (community_id, id),
    CONSTRAINT fk_registration_community_id_grid_id FOREIGN KEY(community_id, grid_id) REFERENCES place (community_id, id),
    CONSTRAINT fk_registration_community_id_settled_by_person_id FOREIGN KEY(community_id, settled_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_registration_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_registration_state CHECK (state IN ('waiting', 'completed', 'ended')),
    CONSTRAINT ck_registration_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_registration_grid CHECK ((building_id IS NULL) = (grid_id IS NULL)),
    CONSTRAINT ck_registration_free_times CHECK (free_times BETWEEN 0 AND 63),
    CONSTRAINT ck_registration_offers CHECK (is_volunteer OR free_times = 0),
    CONSTRAINT ck_registration_only_while_waiting CHECK ((state = 'waiting') = (name_sealed IS NOT NULL) AND (name_sealed IS NULL) = (phone_sealed IS NULL) AND (name_sealed IS NOT NULL OR guardian_sealed IS NULL)),
    CONSTRAINT ck_registration_birth CHECK ((state <> 'ended') = (birth_sealed IS NOT NULL) AND (birth_sealed IS NULL) = (birth_digest IS NULL)),
    CONSTRAINT ck_registration_settled CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CONSTRAINT ck_registration_ended CHECK ((state = 'ended') = (end_why IS NOT NULL)),
    CONSTRAINT ck_registration_end_why CHECK (end_why IN ('known', 'elsewhere', 'not_coming', 'withdrawn')),
    CONSTRAINT ck_registration_completed CHECK ((state = 'completed') = (person_id IS NOT NULL)),
    CONSTRAINT ck_registration_until CHECK (registered_at < until_at)
)
 STRICT

CREATE INDEX ix_registration_community_id_registered_at ON registration (community_id, registered_at)

CREATE INDEX ix_registration_community_id_settled_at ON registration (community_id, settled_at)

CREATE INDEX ix_registration_waiting ON registration (community_id, until_at, id) WHERE state = 'waiting'

CREATE TABLE registration_service (
    community_id INTEGER NOT NULL,
    registration_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    CONSTRAINT pk_registration_service PRIMARY KEY (community_id, registration_id, service_id),
    CONSTRAINT fk_registration_service_community_id_registration_id FOREIGN KEY(community_id, registration_id) REFERENCES registration (community_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_registration_service_community_id_service_id FOREIGN KEY(community_id, service_id) REFERENCES service (community_id, id)
)
 STRICT
