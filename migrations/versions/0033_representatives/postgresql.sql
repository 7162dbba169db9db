ALTER TABLE invitation ADD COLUMN organisation_id BIGINT

CREATE TABLE representative (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    named_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT pk_representative PRIMARY KEY (community_id, id),
    CONSTRAINT fk_representative_community_id_organisation_id FOREIGN KEY(community_id, organisation_id) REFERENCES organisation (community_id, id),
    CONSTRAINT fk_representative_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_representative_ended CHECK (ended_at IS NULL OR ended_at >= named_at)
)

CREATE UNIQUE INDEX uq_representative_living ON representative (community_id, person_id, organisation_id) WHERE ended_at IS NULL

ALTER TABLE invitation ADD CONSTRAINT fk_invitation_community_id_organisation_id FOREIGN KEY(community_id, organisation_id) REFERENCES organisation (community_id, id)
