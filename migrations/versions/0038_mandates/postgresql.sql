CREATE TABLE mandate (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    agent_person_id BIGINT NOT NULL,
    kind VARCHAR(10) NOT NULL,
    deeds VARCHAR(40) NOT NULL,
    ground VARCHAR(10) NOT NULL,
    ground_note VARCHAR(120) NOT NULL,
    from_on DATE NOT NULL,
    until_on DATE,
    asked_by_person_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    confirmed_by_person_id BIGINT,
    confirmed_at BIGINT,
    ended_at BIGINT,
    ended_by_person_id BIGINT,
    end_reason VARCHAR(200),
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

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_mandate_community_id_agent_person_id ON mandate (community_id, agent_person_id)

CREATE INDEX ix_mandate_community_id_person_id ON mandate (community_id, person_id)

CREATE INDEX ix_mandate_waiting ON mandate (community_id, until_at) WHERE confirmed_at IS NULL AND ended_at IS NULL

CREATE TRIGGER mandate_fixed BEFORE UPDATE OF person_id, agent_person_id, kind, deeds, ground, ground_note, from_on, until_on, asked_by_person_id, asked_at, until_at ON mandate FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER mandate_closed BEFORE UPDATE ON mandate FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change()

CREATE TABLE mandate_use (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    mandate_id BIGINT NOT NULL,
    deed VARCHAR(10) NOT NULL,
    subject_kind VARCHAR(20) NOT NULL,
    subject_id BIGINT NOT NULL,
    channel VARCHAR(10) NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    used_at BIGINT NOT NULL,
    CONSTRAINT pk_mandate_use PRIMARY KEY (community_id, id),
    CONSTRAINT fk_mandate_use_community_id_mandate_id FOREIGN KEY(community_id, mandate_id) REFERENCES mandate (community_id, id)
)

CREATE INDEX ix_mandate_use_community_id_mandate_id ON mandate_use (community_id, mandate_id)

CREATE INDEX ix_mandate_use_community_id_subject_kind_subject_id ON mandate_use (community_id, subject_kind, subject_id)

CREATE TRIGGER mandate_use_no_change BEFORE UPDATE OR DELETE ON mandate_use FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER mandate_use_no_truncate BEFORE TRUNCATE ON mandate_use EXECUTE FUNCTION refuse_change()
