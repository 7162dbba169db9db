CREATE TABLE found_count (
    community_id INTEGER NOT NULL,
    round_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    condition TEXT NOT NULL,
    best_before_on TEXT,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_found_count PRIMARY KEY (community_id, round_id, item_id),
    CONSTRAINT fk_found_count_community_id_round_id FOREIGN KEY(community_id, round_id) REFERENCES count_round (community_id, id),
    CONSTRAINT fk_found_count_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_found_count_counted CHECK (counted > 0),
    CONSTRAINT ck_found_count_reason CHECK (reason IN ('found', 'miscounted', 'other')),
    CONSTRAINT ck_found_count_reason_told CHECK (reason <> 'other' OR note <> '')
)
 STRICT

CREATE TRIGGER found_count_no_update BEFORE update ON found_count BEGIN SELECT RAISE(ABORT, 'history is never changed: found_count'); END

CREATE TRIGGER found_count_no_delete BEFORE delete ON found_count BEGIN SELECT RAISE(ABORT, 'history is never changed: found_count'); END

CREATE TABLE new_lot (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    deposit_id INTEGER,
    line INTEGER,
    found_at INTEGER,
    account_id INTEGER NOT NULL,
    condition TEXT NOT NULL,
    best_before_on TEXT,
    received_on TEXT NOT NULL,
    received_pieces INTEGER NOT NULL,
    disposed_pieces INTEGER NOT NULL,
    state TEXT NOT NULL,
    cleaned_at INTEGER,
    cleaned_by TEXT,
    CONSTRAINT pk_lot PRIMARY KEY (community_id, id),
    CONSTRAINT uq_lot_line UNIQUE (community_id, deposit_id, line),
    CONSTRAINT uq_lot_account UNIQUE (community_id, account_id),
    CONSTRAINT fk_lot_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT fk_lot_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_lot_community_id_deposit_id_line FOREIGN KEY(community_id, deposit_id, line) REFERENCES deposit_line (community_id, deposit_id, line),
    CONSTRAINT fk_lot_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_lot_state CHECK (state IN ('awaiting_cleaning', 'on_shelf', 'disposal', 'finished')),
    CONSTRAINT ck_lot_origin CHECK ((deposit_id IS NULL) = (line IS NULL) AND (deposit_id IS NULL) = (found_at IS NOT NULL)),
    CONSTRAINT ck_lot_cleaning CHECK (state <> 'awaiting_cleaning' OR cleaned_at IS NULL),
    CONSTRAINT ck_lot_pieces CHECK (received_pieces > 0 AND disposed_pieces BETWEEN 0 AND received_pieces)
)
 STRICT

INSERT INTO new_lot (community_id, id, item_id, store_id, deposit_id, line, account_id, condition, best_before_on, received_on, received_pieces, disposed_pieces, state, cleaned_at, cleaned_by)
SELECT community_id, id, item_id, store_id, deposit_id, line, account_id, condition, best_before_on, received_on, received_pieces, disposed_pieces, state, cleaned_at, cleaned_by FROM lot

DROP TABLE lot

PRAGMA legacy_alter_table = ON

ALTER TABLE new_lot RENAME TO lot

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_lot_living ON lot (community_id, store_id, item_id, best_before_on, received_on, id, state, account_id) WHERE state IN ('awaiting_cleaning', 'on_shelf')

CREATE INDEX ix_lot_uncleaned ON lot (community_id, store_id) WHERE state IN ('awaiting_cleaning')

CREATE TRIGGER stock_total_lot_insert AFTER INSERT ON lot FOR EACH ROW BEGIN
INSERT INTO stock_total (community_id, store_id, item_id, best_before_on, state, lots, pieces, held_pieces)
SELECT NEW.community_id AS community_id, NEW.store_id AS store_id, NEW.item_id AS item_id, coalesce(NEW.best_before_on, '9999-12-31') AS best_before_on, NEW.state AS state, 1 AS lots, balance.posted_in - balance.posted_out AS pieces, balance.pending_out AS held_pieces FROM balance
WHERE balance.community_id = NEW.community_id AND balance.account_id = NEW.account_id AND NEW.state IN ('awaiting_cleaning', 'on_shelf') AND balance.posted_in - balance.posted_out > 0
ON CONFLICT (community_id, store_id, item_id, best_before_on, state) DO UPDATE SET lots = stock_total.lots + excluded.lots, pieces = stock_total.pieces + excluded.pieces, held_pieces = stock_total.held_pieces + excluded.held_pieces;
END

CREATE TRIGGER stock_total_lot_update AFTER UPDATE OF community_id, item_id, store_id, account_id, best_before_on, state ON lot FOR EACH ROW BEGIN
INSERT INTO stock_total (community_id, store_id, item_id, best_before_on, state, lots, pieces, held_pieces)
SELECT NEW.community_id AS community_id, NEW.store_id AS store_id, NEW.item_id AS item_id, coalesce(NEW.best_before_on, '9999-12-31') AS best_before_on, NEW.state AS state, 1 AS lots, balance.posted_in - balance.posted_out AS pieces, balance.pending_out AS held_pieces FROM balance
WHERE balance.community_id = NEW.community_id AND balance.account_id = NEW.account_id AND NEW.state IN ('awaiting_cleaning', 'on_shelf') AND balance.posted_in - balance.posted_out > 0
ON CONFLICT (community_id, store_id, item_id, best_before_on, state) DO UPDATE SET lots = stock_total.lots + excluded.lots, pieces = stock_total.pieces + excluded.pieces, held_pieces = stock_total.held_pieces + excluded.held_pieces;
UPDATE stock_total SET lots = stock_total.lots - gone.lots, pieces = stock_total.pieces - gone.pieces, held_pieces = stock_total.held_pieces - gone.held_pieces
FROM (
SELECT OLD.community_id AS community_id, OLD.store_id AS store_id, OLD.item_id AS item_id, coalesce(OLD.best_before_on, '9999-12-31') AS best_before_on, OLD.state AS state, 1 AS lots, balance.posted_in - balance.posted_out AS pieces, balance.pending_out AS held_pieces FROM balance
WHERE balance.community_id = OLD.community_id AND balance.account_id = OLD.account_id AND OLD.state IN ('awaiting_cleaning', 'on_shelf') AND balance.posted_in - balance.posted_out > 0
) AS gone
WHERE stock_total.community_id = gone.community_id AND stock_total.store_id = gone.store_id AND stock_total.item_id = gone.item_id AND stock_total.best_before_on = gone.best_before_on AND stock_total.state = gone.state;
END

CREATE TRIGGER stock_total_lot_delete AFTER DELETE ON lot FOR EACH ROW BEGIN
UPDATE stock_total SET lots = stock_total.lots - gone.lots, pieces = stock_total.pieces - gone.pieces, held_pieces = stock_total.held_pieces - gone.held_pieces
FROM (
SELECT OLD.community_id AS community_id, OLD.store_id AS store_id, OLD.item_id AS item_id, coalesce(OLD.best_before_on, '9999-12-31') AS best_before_on, OLD.state AS state, 1 AS lots, balance.posted_in - balance.posted_out AS pieces, balance.pending_out AS held_pieces FROM balance
WHERE balance.community_id = OLD.community_id AND balance.account_id = OLD.account_id AND OLD.state IN ('awaiting_cleaning', 'on_shelf') AND balance.posted_in - balance.posted_out > 0
) AS gone
WHERE stock_total.community_id = gone.community_id AND stock_total.store_id = gone.store_id AND stock_total.item_id = gone.item_id AND stock_total.best_before_on = gone.best_before_on AND stock_total.state = gone.state;
END
