ALTER TABLE claim ADD COLUMN full_until_at BIGINT

CREATE TABLE calendar_year (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    year SMALLINT NOT NULL,
    source VARCHAR(200) NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_calendar_year PRIMARY KEY (community_id, id),
    CONSTRAINT fk_calendar_year_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_calendar_year_year CHECK (year BETWEEN 1990 AND 2100),
    CONSTRAINT ck_calendar_year_source CHECK (source <> '')
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER calendar_year_no_change BEFORE UPDATE OR DELETE ON calendar_year FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER calendar_year_no_truncate BEFORE TRUNCATE ON calendar_year EXECUTE FUNCTION refuse_change()

CREATE TABLE calendar_day (
    community_id BIGINT NOT NULL,
    calendar_id BIGINT NOT NULL,
    day_on DATE NOT NULL,
    is_worked BOOLEAN NOT NULL,
    CONSTRAINT pk_calendar_day PRIMARY KEY (community_id, calendar_id, day_on),
    CONSTRAINT fk_calendar_day_community_id_calendar_id FOREIGN KEY(community_id, calendar_id) REFERENCES calendar_year (community_id, id)
)

CREATE TRIGGER calendar_day_no_change BEFORE UPDATE OR DELETE ON calendar_day FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER calendar_day_no_truncate BEFORE TRUNCATE ON calendar_day EXECUTE FUNCTION refuse_change()

CREATE TABLE deadline_change (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    case_id BIGINT NOT NULL,
    old_on DATE NOT NULL,
    was_provisional BOOLEAN NOT NULL,
    new_on DATE NOT NULL,
    is_provisional BOOLEAN NOT NULL,
    calendar_id BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_deadline_change PRIMARY KEY (community_id, id),
    CONSTRAINT uq_deadline_change_case UNIQUE (community_id, kind, case_id, calendar_id),
    CONSTRAINT fk_deadline_change_community_id_calendar_id FOREIGN KEY(community_id, calendar_id) REFERENCES calendar_year (community_id, id),
    CONSTRAINT ck_deadline_change_is_a_change CHECK (old_on <> new_on OR was_provisional <> is_provisional)
)

CREATE TRIGGER deadline_change_no_change BEFORE UPDATE OR DELETE ON deadline_change FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER deadline_change_no_truncate BEFORE TRUNCATE ON deadline_change EXECUTE FUNCTION refuse_change()

CREATE TABLE store_special_day (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    day_on DATE NOT NULL,
    hours VARCHAR(80) NOT NULL,
    note VARCHAR(80) NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_store_special_day PRIMARY KEY (community_id, id),
    CONSTRAINT fk_store_special_day_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)

CREATE INDEX ix_store_special_day_community_id_store_id_day_on ON store_special_day (community_id, store_id, day_on)

CREATE TRIGGER store_special_day_no_change BEFORE UPDATE OR DELETE ON store_special_day FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER store_special_day_no_truncate BEFORE TRUNCATE ON store_special_day EXECUTE FUNCTION refuse_change()

CREATE TABLE store_week (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    since_on DATE NOT NULL,
    mon VARCHAR(80) NOT NULL,
    tue VARCHAR(80) NOT NULL,
    wed VARCHAR(80) NOT NULL,
    thu VARCHAR(80) NOT NULL,
    fri VARCHAR(80) NOT NULL,
    sat VARCHAR(80) NOT NULL,
    sun VARCHAR(80) NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_store_week PRIMARY KEY (community_id, id),
    CONSTRAINT fk_store_week_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT ck_store_week_opens CHECK (mon <> '' OR tue <> '' OR wed <> '' OR thu <> '' OR fri <> '' OR sat <> '' OR sun <> '')
)

CREATE INDEX ix_store_week_community_id_store_id ON store_week (community_id, store_id)

CREATE TRIGGER store_week_no_change BEFORE UPDATE OR DELETE ON store_week FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER store_week_no_truncate BEFORE TRUNCATE ON store_week EXECUTE FUNCTION refuse_change()

CREATE TABLE claim_visit (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    why VARCHAR(80) NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_claim_visit PRIMARY KEY (community_id, id),
    CONSTRAINT fk_claim_visit_community_id_claim_id FOREIGN KEY(community_id, claim_id) REFERENCES claim (community_id, id),
    CONSTRAINT ck_claim_visit_why CHECK (why <> '')
)

CREATE INDEX ix_claim_visit_community_id_claim_id ON claim_visit (community_id, claim_id)

CREATE TRIGGER claim_visit_no_change BEFORE UPDATE OR DELETE ON claim_visit FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER claim_visit_no_truncate BEFORE TRUNCATE ON claim_visit EXECUTE FUNCTION refuse_change()
