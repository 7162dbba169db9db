CREATE TABLE mandate (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    agent_person_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    deeds TEXT NOT NULL,
    ground TEXT NOT NULL,
    ground_note TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT,
    asked_by_person_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    confirmed_by_person_id INTEGER,
    confirmed_at INTEGER,
    ended_at INTEGER,
    ended_by_person_id INTEGER,
    end_reason TEXT,
    CONSTRAINT pk_mandate PRIMARY KEY (community_id, id),
    CONSTRAINT fk_mandate_person FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_mandate_agent_person FOREIGN KEY(community_id, agent_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_mandate_asked_by_person FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_mandate_confirmed_by_person FOREIGN KEY(community_id, confirmed_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_mandate_ended_by_person FOREIGN KEY(community_id, ended_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_mandate_kind CHECK (kind IN ('mandate', 'guardian')),
    CONSTRAINT ck_mandate_ground CHECK (ground IN ('paper', 'witness', 'self')),
    CONSTRAINT ck_mandate_agent CHECK (agent_person_id <> person_id AND asked_by_person_id <> agent_person_id AND (confirmed_by_person_id IS NULL OR confirmed_by_person_id <> agent_person_id)),
    CONSTRAINT ck_mandate_two_people CHECK ((ground = 'self') = (asked_by_person_id = person_id) AND (confirmed_by_person_id IS NULL OR (confirmed_by_person_id = asked_by_person_id) = (ground = 'self'))),
    CONSTRAINT ck_mandate_until CHECK ((kind = 'guardian') = (until_on IS NULL)),
    CONSTRAINT ck_mandate_days CHECK (until_on IS NULL OR until_on >= from_on),
    CONSTRAINT ck_mandate_confirmed CHECK ((confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)),
    CONSTRAINT ck_mandate_ended CHECK ((ended_at IS NULL) = (ended_by_person_id IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL))
)
 STRICT

CREATE INDEX ix_mandate_community_id_agent_person_id ON mandate (community_id, agent_person_id)

CREATE INDEX ix_mandate_community_id_person_id ON mandate (community_id, person_id)

CREATE INDEX ix_mandate_waiting ON mandate (community_id, until_at) WHERE confirmed_at IS NULL AND ended_at IS NULL

CREATE TRIGGER mandate_fixed BEFORE UPDATE OF person_id, agent_person_id, kind, deeds, ground, ground_note, from_on, until_on, asked_by_person_id, asked_at, until_at ON mandate BEGIN SELECT RAISE(ABORT, 'history is never changed: mandate'); END

CREATE TRIGGER mandate_closed BEFORE UPDATE ON mandate WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'history is never changed: mandate'); END

CREATE TABLE mandate_use (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    mandate_id INTEGER NOT NULL,
    deed TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    CONSTRAINT pk_mandate_use PRIMARY KEY (community_id, id),
    CONSTRAINT fk_mandate_use_community_id_mandate_id FOREIGN KEY(community_id, mandate_id) REFERENCES mandate (community_id, id)
)
 STRICT

CREATE INDEX ix_mandate_use_community_id_mandate_id ON mandate_use (community_id, mandate_id)

CREATE INDEX ix_mandate_use_community_id_subject_kind_subject_id ON mandate_use (community_id, subject_kind, subject_id)

CREATE TRIGGER mandate_use_no_update BEFORE update ON mandate_use BEGIN SELECT RAISE(ABORT, 'history is never changed: mandate_use'); END

CREATE TRIGGER mandate_use_no_delete BEFORE delete ON mandate_use BEGIN SELECT RAISE(ABORT, 'history is never changed: mandate_use'); END
