DROP INDEX ix_deposit_day

DROP INDEX ix_lot_living

DROP INDEX ix_service_record_day

DROP INDEX ix_withdrawal_day

CREATE TABLE accepted_total (
    community_id INTEGER NOT NULL,
    received_day_no INTEGER NOT NULL,
    deposits INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    CONSTRAINT pk_accepted_total PRIMARY KEY (community_id, received_day_no)
)
 WITHOUT ROWID,
 STRICT

INSERT INTO accepted_total (community_id, received_day_no, deposits, pieces)
SELECT deposit.community_id AS community_id, (deposit.received_at + 28800000000) / 86400000000 AS received_day_no, count(*) AS deposits, sum(deposit.accepted_pieces) AS pieces
FROM deposit
WHERE deposit.received_at IS NOT NULL AND deposit.accepted_pieces > 0 GROUP BY deposit.community_id, (deposit.received_at + 28800000000) / 86400000000

CREATE TRIGGER accepted_total_empty AFTER UPDATE ON accepted_total FOR EACH ROW WHEN (NEW.deposits = 0) BEGIN
DELETE FROM accepted_total WHERE community_id = NEW.community_id AND received_day_no = NEW.received_day_no AND deposits = 0;
END

CREATE TABLE issued_total (
    community_id INTEGER NOT NULL,
    taken_on TEXT NOT NULL,
    withdrawals INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    CONSTRAINT pk_issued_total PRIMARY KEY (community_id, taken_on)
)
 WITHOUT ROWID,
 STRICT

INSERT INTO issued_total (community_id, taken_on, withdrawals, pieces)
SELECT withdrawal.community_id AS community_id, withdrawal.taken_on AS taken_on, count(*) AS withdrawals, sum(withdrawal.pieces) AS pieces
FROM withdrawal
WHERE withdrawal.source = 'issued' GROUP BY withdrawal.community_id, withdrawal.taken_on

CREATE TRIGGER issued_total_empty AFTER UPDATE ON issued_total FOR EACH ROW WHEN (NEW.withdrawals = 0) BEGIN
DELETE FROM issued_total WHERE community_id = NEW.community_id AND taken_on = NEW.taken_on AND withdrawals = 0;
END

CREATE TABLE served_total (
    community_id INTEGER NOT NULL,
    started_on TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    real_minutes INTEGER NOT NULL,
    CONSTRAINT pk_served_total PRIMARY KEY (community_id, started_on)
)
 WITHOUT ROWID,
 STRICT

INSERT INTO served_total (community_id, started_on, sessions, real_minutes)
SELECT service_record.community_id AS community_id, service_record.started_on AS started_on, count(*) AS sessions, sum(service_record.real_minutes) AS real_minutes
FROM service_record
WHERE service_record.state IN ('confirmed', 'credited') GROUP BY service_record.community_id, service_record.started_on

CREATE TRIGGER served_total_empty AFTER UPDATE ON served_total FOR EACH ROW WHEN (NEW.sessions = 0) BEGIN
DELETE FROM served_total WHERE community_id = NEW.community_id AND started_on = NEW.started_on AND sessions = 0;
END

CREATE TABLE stock_total (
    community_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    best_before_on TEXT NOT NULL,
    state TEXT NOT NULL,
    lots INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    held_pieces INTEGER NOT NULL,
    CONSTRAINT pk_stock_total PRIMARY KEY (community_id, store_id, item_id, best_before_on, state)
)
 WITHOUT ROWID,
 STRICT

INSERT INTO stock_total (community_id, store_id, item_id, best_before_on, state, lots, pieces, held_pieces)
SELECT lot.community_id AS community_id, lot.store_id AS store_id, lot.item_id AS item_id, coalesce(lot.best_before_on, '9999-12-31') AS best_before_on, lot.state AS state, count(*) AS lots, sum(balance.posted_in - balance.posted_out) AS pieces, sum(balance.pending_out) AS held_pieces
FROM lot, balance
WHERE balance.community_id = lot.community_id AND balance.account_id = lot.account_id AND lot.state IN ('awaiting_cleaning', 'on_shelf') AND balance.posted_in - balance.posted_out > 0 GROUP BY lot.community_id, lot.store_id, lot.item_id, coalesce(lot.best_before_on, '9999-12-31'), lot.state

CREATE TRIGGER stock_total_empty AFTER UPDATE ON stock_total FOR EACH ROW WHEN (NEW.lots = 0) BEGIN
DELETE FROM stock_total WHERE community_id = NEW.community_id AND store_id = NEW.store_id AND item_id = NEW.item_id AND best_before_on = NEW.best_before_on AND state = NEW.state AND lots = 0;
END

CREATE INDEX ix_lot_living ON lot (community_id, store_id, item_id, best_before_on, received_on, id, state, account_id) WHERE state IN ('awaiting_cleaning', 'on_shelf')

CREATE TRIGGER stock_total_balance_update AFTER UPDATE OF community_id, account_id, posted_in, posted_out, pending_out ON balance FOR EACH ROW BEGIN
INSERT INTO stock_total (community_id, store_id, item_id, best_before_on, state, lots, pieces, held_pieces)
SELECT lot.community_id AS community_id, lot.store_id AS store_id, lot.item_id AS item_id, coalesce(lot.best_before_on, '9999-12-31') AS best_before_on, lot.state AS state, 1 AS lots, NEW.posted_in - NEW.posted_out AS pieces, NEW.pending_out AS held_pieces FROM lot
WHERE NEW.community_id = lot.community_id AND NEW.account_id = lot.account_id AND lot.state IN ('awaiting_cleaning', 'on_shelf') AND NEW.posted_in - NEW.posted_out > 0
ON CONFLICT (community_id, store_id, item_id, best_before_on, state) DO UPDATE SET lots = stock_total.lots + excluded.lots, pieces = stock_total.pieces + excluded.pieces, held_pieces = stock_total.held_pieces + excluded.held_pieces;
UPDATE stock_total SET lots = stock_total.lots - gone.lots, pieces = stock_total.pieces - gone.pieces, held_pieces = stock_total.held_pieces - gone.held_pieces
FROM (
SELECT lot.community_id AS community_id, lot.store_id AS store_id, lot.item_id AS item_id, coalesce(lot.best_before_on, '9999-12-31') AS best_before_on, lot.state AS state, 1 AS lots, OLD.posted_in - OLD.posted_out AS pieces, OLD.pending_out AS held_pieces FROM lot
WHERE OLD.community_id = lot.community_id AND OLD.account_id = lot.account_id AND lot.state IN ('awaiting_cleaning', 'on_shelf') AND OLD.posted_in - OLD.posted_out > 0
) AS gone
WHERE stock_total.community_id = gone.community_id AND stock_total.store_id = gone.store_id AND stock_total.item_id = gone.item_id AND stock_total.best_before_on = gone.best_before_on AND stock_total.state = gone.state;
END

CREATE TRIGGER accepted_total_deposit_delete AFTER DELETE ON deposit FOR EACH ROW BEGIN
UPDATE accepted_total SET deposits = accepted_total.deposits - gone.deposits, pieces = accepted_total.pieces - gone.pieces
FROM (
SELECT OLD.community_id AS community_id, (OLD.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, OLD.accepted_pieces AS pieces
WHERE OLD.received_at IS NOT NULL AND OLD.accepted_pieces > 0
) AS gone
WHERE accepted_total.community_id = gone.community_id AND accepted_total.received_day_no = gone.received_day_no;
END

CREATE TRIGGER accepted_total_deposit_insert AFTER INSERT ON deposit FOR EACH ROW BEGIN
INSERT INTO accepted_total (community_id, received_day_no, deposits, pieces)
SELECT NEW.community_id AS community_id, (NEW.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, NEW.accepted_pieces AS pieces
WHERE NEW.received_at IS NOT NULL AND NEW.accepted_pieces > 0
ON CONFLICT (community_id, received_day_no) DO UPDATE SET deposits = accepted_total.deposits + excluded.deposits, pieces = accepted_total.pieces + excluded.pieces;
END

CREATE TRIGGER accepted_total_deposit_update AFTER UPDATE OF community_id, received_at, accepted_pieces ON deposit FOR EACH ROW BEGIN
INSERT INTO accepted_total (community_id, received_day_no, deposits, pieces)
SELECT NEW.community_id AS community_id, (NEW.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, NEW.accepted_pieces AS pieces
WHERE NEW.received_at IS NOT NULL AND NEW.accepted_pieces > 0
ON CONFLICT (community_id, received_day_no) DO UPDATE SET deposits = accepted_total.deposits + excluded.deposits, pieces = accepted_total.pieces + excluded.pieces;
UPDATE accepted_total SET deposits = accepted_total.deposits - gone.deposits, pieces = accepted_total.pieces - gone.pieces
FROM (
SELECT OLD.community_id AS community_id, (OLD.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, OLD.accepted_pieces AS pieces
WHERE OLD.received_at IS NOT NULL AND OLD.accepted_pieces > 0
) AS gone
WHERE accepted_total.community_id = gone.community_id AND accepted_total.received_day_no = gone.received_day_no;
END

CREATE TRIGGER stock_total_lot_delete AFTER DELETE ON lot FOR EACH ROW BEGIN
UPDATE stock_total SET lots = stock_total.lots - gone.lots, pieces = stock_total.pieces - gone.pieces, held_pieces = stock_total.held_pieces - gone.held_pieces
FROM (
SELECT OLD.community_id AS community_id, OLD.store_id AS store_id, OLD.item_id AS item_id, coalesce(OLD.best_before_on, '9999-12-31') AS best_before_on, OLD.state AS state, 1 AS lots, balance.posted_in - balance.posted_out AS pieces, balance.pending_out AS held_pieces FROM balance
WHERE balance.community_id = OLD.community_id AND balance.account_id = OLD.account_id AND OLD.state IN ('awaiting_cleaning', 'on_shelf') AND balance.posted_in - balance.posted_out > 0
) AS gone
WHERE stock_total.community_id = gone.community_id AND stock_total.store_id = gone.store_id AND stock_total.item_id = gone.item_id AND stock_total.best_before_on = gone.best_before_on AND stock_total.state = gone.state;
END

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

CREATE TRIGGER served_total_service_record_delete AFTER DELETE ON service_record FOR EACH ROW BEGIN
UPDATE served_total SET sessions = served_total.sessions - gone.sessions, real_minutes = served_total.real_minutes - gone.real_minutes
FROM (
SELECT OLD.community_id AS community_id, OLD.started_on AS started_on, 1 AS sessions, OLD.real_minutes AS real_minutes
WHERE OLD.state IN ('confirmed', 'credited')
) AS gone
WHERE served_total.community_id = gone.community_id AND served_total.started_on = gone.started_on;
END

CREATE TRIGGER served_total_service_record_insert AFTER INSERT ON service_record FOR EACH ROW BEGIN
INSERT INTO served_total (community_id, started_on, sessions, real_minutes)
SELECT NEW.community_id AS community_id, NEW.started_on AS started_on, 1 AS sessions, NEW.real_minutes AS real_minutes
WHERE NEW.state IN ('confirmed', 'credited')
ON CONFLICT (community_id, started_on) DO UPDATE SET sessions = served_total.sessions + excluded.sessions, real_minutes = served_total.real_minutes + excluded.real_minutes;
END

CREATE TRIGGER served_total_service_record_update AFTER UPDATE OF community_id, state, started_on, real_minutes ON service_record FOR EACH ROW BEGIN
INSERT INTO served_total (community_id, started_on, sessions, real_minutes)
SELECT NEW.community_id AS community_id, NEW.started_on AS started_on, 1 AS sessions, NEW.real_minutes AS real_minutes
WHERE NEW.state IN ('confirmed', 'credited')
ON CONFLICT (community_id, started_on) DO UPDATE SET sessions = served_total.sessions + excluded.sessions, real_minutes = served_total.real_minutes + excluded.real_minutes;
UPDATE served_total SET sessions = served_total.sessions - gone.sessions, real_minutes = served_total.real_minutes - gone.real_minutes
FROM (
SELECT OLD.community_id AS community_id, OLD.started_on AS started_on, 1 AS sessions, OLD.real_minutes AS real_minutes
WHERE OLD.state IN ('confirmed', 'credited')
) AS gone
WHERE served_total.community_id = gone.community_id AND served_total.started_on = gone.started_on;
END

CREATE TRIGGER issued_total_withdrawal_delete AFTER DELETE ON withdrawal FOR EACH ROW BEGIN
UPDATE issued_total SET withdrawals = issued_total.withdrawals - gone.withdrawals, pieces = issued_total.pieces - gone.pieces
FROM (
SELECT OLD.community_id AS community_id, OLD.taken_on AS taken_on, 1 AS withdrawals, OLD.pieces AS pieces
WHERE OLD.source = 'issued'
) AS gone
WHERE issued_total.community_id = gone.community_id AND issued_total.taken_on = gone.taken_on;
END

CREATE TRIGGER issued_total_withdrawal_insert AFTER INSERT ON withdrawal FOR EACH ROW BEGIN
INSERT INTO issued_total (community_id, taken_on, withdrawals, pieces)
SELECT NEW.community_id AS community_id, NEW.taken_on AS taken_on, 1 AS withdrawals, NEW.pieces AS pieces
WHERE NEW.source = 'issued'
ON CONFLICT (community_id, taken_on) DO UPDATE SET withdrawals = issued_total.withdrawals + excluded.withdrawals, pieces = issued_total.pieces + excluded.pieces;
END

CREATE TRIGGER issued_total_withdrawal_update AFTER UPDATE OF community_id, taken_on, pieces, source ON withdrawal FOR EACH ROW BEGIN
INSERT INTO issued_total (community_id, taken_on, withdrawals, pieces)
SELECT NEW.community_id AS community_id, NEW.taken_on AS taken_on, 1 AS withdrawals, NEW.pieces AS pieces
WHERE NEW.source = 'issued'
ON CONFLICT (community_id, taken_on) DO UPDATE SET withdrawals = issued_total.withdrawals + excluded.withdrawals, pieces = issued_total.pieces + excluded.pieces;
UPDATE issued_total SET withdrawals = issued_total.withdrawals - gone.withdrawals, pieces = issued_total.pieces - gone.pieces
FROM (
SELECT OLD.community_id AS community_id, OLD.taken_on AS taken_on, 1 AS withdrawals, OLD.pieces AS pieces
WHERE OLD.source = 'issued'
) AS gone
WHERE issued_total.community_id = gone.community_id AND issued_total.taken_on = gone.taken_on;
END
