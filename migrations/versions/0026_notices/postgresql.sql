CREATE TABLE notice (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    title_zh VARCHAR(40) NOT NULL,
    text_zh VARCHAR(400) NOT NULL,
    title_en VARCHAR(80) NOT NULL,
    text_en VARCHAR(800) NOT NULL,
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    written_at BIGINT NOT NULL,
    written_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (community_id, id),
    CONSTRAINT fk_notice_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_notice_period CHECK (from_on <= until_on)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_notice_community_id_until_on ON notice (community_id, until_on)

CREATE TRIGGER notice_no_change BEFORE UPDATE OR DELETE ON notice FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER notice_no_truncate BEFORE TRUNCATE ON notice EXECUTE FUNCTION refuse_change()

CREATE TABLE notice_end (
    community_id BIGINT NOT NULL,
    notice_id BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    ended_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_notice_end PRIMARY KEY (community_id, notice_id),
    CONSTRAINT fk_notice_end_community_id_notice_id FOREIGN KEY(community_id, notice_id) REFERENCES notice (community_id, id)
)

CREATE TRIGGER notice_end_no_change BEFORE UPDATE OR DELETE ON notice_end FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER notice_end_no_truncate BEFORE TRUNCATE ON notice_end EXECUTE FUNCTION refuse_change()
