ALTER TABLE kiosk_device ADD COLUMN last_deed_at BIGINT

CREATE TABLE pin_wish (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    entered_by BIGINT,
    asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT pk_pin_wish PRIMARY KEY (community_id, id),
    CONSTRAINT fk_pin_wish_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_pin_wish_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_pin_wish_community_id_entered_by FOREIGN KEY(community_id, entered_by) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_pin_wish_ended CHECK (ended_at IS NULL OR ended_at >= asked_at)
)

CREATE UNIQUE INDEX uq_pin_wish_living ON pin_wish (community_id, household_id) WHERE ended_at IS NULL
