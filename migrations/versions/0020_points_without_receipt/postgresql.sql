ALTER TABLE deposit DROP CONSTRAINT ck_deposit_receipt

ALTER TABLE deposit ADD CONSTRAINT ck_deposit_receipt CHECK ((receipt_no IS NULL OR state = 'received') AND (state <> 'received' OR accepted_pieces > 0) AND (state <> 'received' OR receipt_no IS NOT NULL OR thanks = 'points') AND (receipt_no IS NULL) = (receipt_number IS NULL) AND (receipt_no IS NULL) = (receipt_year IS NULL) AND (receipt_no IS NULL) = (receipt_token IS NULL))
