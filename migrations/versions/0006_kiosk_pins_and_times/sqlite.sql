CREATE TABLE pin_wish (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    entered_by INTEGER,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT pk_pin_wish PRIMARY KEY (community_id, id),
    CONSTRAINT fk_pin_wish_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_pin_wish_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_pin_wish_community_id_entered_by FOREIGN KEY(community_id, entered_by) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_pin_wish_ended CHECK (ended_at IS NULL OR ended_at >= asked_at)
)
 STRICT

CREATE UNIQUE INDEX uq_pin_wish_living ON pin_wish (community_id, household_id) WHERE ended_at IS NULL

ALTER TABLE kiosk_device ADD COLUMN last_deed_at INTEGER
