CREATE TABLE calendar_year (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    year INTEGER NOT NULL,
    source TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT pk_calendar_year PRIMARY KEY (community_id, id),
    CONSTRAINT fk_calendar_year_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_calendar_year_year CHECK (year BETWEEN 1990 AND 2100),
    CONSTRAINT ck_calendar_year_source CHECK (source <> '')
)
 STRICT

CREATE TRIGGER calendar_year_no_update BEFORE update ON calendar_year BEGIN SELECT RAISE(ABORT, 'history is never changed: calendar_year'); END

CREATE TRIGGER calendar_year_no_delete BEFORE delete ON calendar_year BEGIN SELECT RAISE(ABORT, 'history is never changed: calendar_year'); END

CREATE TABLE calendar_day (
    community_id INTEGER NOT NULL,
    calendar_id INTEGER NOT NULL,
    day_on TEXT NOT NULL,
    is_worked INTEGER NOT NULL,
    CONSTRAINT pk_calendar_day PRIMARY KEY (community_id, calendar_id, day_on),
    CONSTRAINT fk_calendar_day_community_id_calendar_id FOREIGN KEY(community_id, calendar_id) REFERENCES calendar_year (community_id, id)
)
 STRICT

CREATE TRIGGER calendar_day_no_update BEFORE update ON calendar_day BEGIN SELECT RAISE(ABORT, 'history is never changed: calendar_day'); END

CREATE TRIGGER calendar_day_no_delete BEFORE delete ON calendar_day BEGIN SELECT RAISE(ABORT, 'history is never changed: calendar_day'); END

CREATE TABLE deadline_change (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    case_id INTEGER NOT NULL,
    old_on TEXT NOT NULL,
    was_provisional INTEGER NOT NULL,
    new_on TEXT NOT NULL,
    is_provisional INTEGER NOT NULL,
    calendar_id INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CONSTRAINT pk_deadline_change PRIMARY KEY (community_id, id),
    CONSTRAINT uq_deadline_change_case UNIQUE (community_id, kind, case_id, calendar_id),
    CONSTRAINT fk_deadline_change_community_id_calendar_id FOREIGN KEY(community_id, calendar_id) REFERENCES calendar_year (community_id, id),
    CONSTRAINT ck_deadline_change_is_a_change CHECK (old_on <> new_on OR was_provisional <> is_provisional)
)
 STRICT

CREATE TRIGGER deadline_change_no_update BEFORE update ON deadline_change BEGIN SELECT RAISE(ABORT, 'history is never changed: deadline_change'); END

CREATE TRIGGER deadline_change_no_delete BEFORE delete ON deadline_change BEGIN SELECT RAISE(ABORT, 'history is never changed: deadline_change'); END

CREATE TABLE store_special_day (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    day_on TEXT NOT NULL,
    hours TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT pk_store_special_day PRIMARY KEY (community_id, id),
    CONSTRAINT fk_store_special_day_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)
 STRICT

CREATE INDEX ix_store_special_day_community_id_store_id_day_on ON store_special_day (community_id, store_id, day_on)

CREATE TRIGGER store_special_day_no_update BEFORE update ON store_special_day BEGIN SELECT RAISE(ABORT, 'history is never changed: store_special_day'); END

CREATE TRIGGER store_special_day_no_delete BEFORE delete ON store_special_day BEGIN SELECT RAISE(ABORT, 'history is never changed: store_special_day'); END

CREATE TABLE store_week (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    since_on TEXT NOT NULL,
    mon TEXT NOT NULL,
    tue TEXT NOT NULL,
    wed TEXT NOT NULL,
    thu TEXT NOT NULL,
    fri TEXT NOT NULL,
    sat TEXT NOT NULL,
    sun TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT pk_store_week PRIMARY KEY (community_id, id),
    CONSTRAINT fk_store_week_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT ck_store_week_opens CHECK (mon <> '' OR tue <> '' OR wed <> '' OR thu <> '' OR fri <> '' OR sat <> '' OR sun <> '')
)
 STRICT

CREATE INDEX ix_store_week_community_id_store_id ON store_week (community_id, store_id)

CREATE TRIGGER store_week_no_update BEFORE update ON store_week BEGIN SELECT RAISE(ABORT, 'history is never changed: store_week'); END

CREATE TRIGGER store_week_no_delete BEFORE delete ON store_week BEGIN SELECT RAISE(ABORT, 'history is never changed: store_week'); END

CREATE TABLE claim_visit (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    came_at INTEGER NOT NULL,
    why TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT pk_claim_visit PRIMARY KEY (community_id, id),
    CONSTRAINT fk_claim_visit_community_id_claim_id FOREIGN KEY(community_id, claim_id) REFERENCES claim (community_id, id),
    CONSTRAINT ck_claim_visit_why CHECK (why <> '')
)
 STRICT

CREATE INDEX ix_claim_visit_community_id_claim_id ON claim_visit (community_id, claim_id)

CREATE TRIGGER claim_visit_no_update BEFORE update ON claim_visit BEGIN SELECT RAISE(ABORT, 'history is never changed: claim_visit'); END

CREATE TRIGGER claim_visit_no_delete BEFORE delete ON claim_visit BEGIN SELECT RAISE(ABORT, 'history is never changed: claim_visit'); END

ALTER TABLE claim ADD COLUMN full_until_at INTEGER
