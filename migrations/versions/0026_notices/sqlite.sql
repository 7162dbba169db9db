CREATE TABLE notice (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    title_zh TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    text_en TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    written_by TEXT NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (community_id, id),
    CONSTRAINT fk_notice_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_notice_period CHECK (from_on <= until_on)
)
 STRICT

CREATE INDEX ix_notice_community_id_until_on ON notice (community_id, until_on)

CREATE TRIGGER notice_no_update BEFORE update ON notice BEGIN SELECT RAISE(ABORT, 'history is never changed: notice'); END

CREATE TRIGGER notice_no_delete BEFORE delete ON notice BEGIN SELECT RAISE(ABORT, 'history is never changed: notice'); END

CREATE TABLE notice_end (
    community_id INTEGER NOT NULL,
    notice_id INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    ended_by TEXT NOT NULL,
    CONSTRAINT pk_notice_end PRIMARY KEY (community_id, notice_id),
    CONSTRAINT fk_notice_end_community_id_notice_id FOREIGN KEY(community_id, notice_id) REFERENCES notice (community_id, id)
)
 STRICT

CREATE TRIGGER notice_end_no_update BEFORE update ON notice_end BEGIN SELECT RAISE(ABORT, 'history is never changed: notice_end'); END

CREATE TRIGGER notice_end_no_delete BEFORE delete ON notice_end BEGIN SELECT RAISE(ABORT, 'history is never changed: notice_end'); END
