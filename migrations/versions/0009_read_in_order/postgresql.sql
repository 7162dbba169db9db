DROP INDEX ix_proof_to_check

CREATE INDEX ix_card_community_id_person_id ON card (community_id, person_id)

CREATE INDEX ix_proof_to_check ON proof (community_id, seen_at, id) WHERE is_drawn AND checked_at IS NULL
