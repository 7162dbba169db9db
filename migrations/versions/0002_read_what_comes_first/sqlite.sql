DROP INDEX ix_deposit_community_id_donor_organisation_id

DROP INDEX ix_deposit_community_id_donor_person_id

CREATE INDEX ix_claim_in_review ON claim (community_id, asked_at, id) WHERE state = 'review'

CREATE INDEX ix_deposit_donor_organisation_id ON deposit (community_id, donor_organisation_id, id) WHERE donor_organisation_id IS NOT NULL

CREATE INDEX ix_deposit_donor_person_id ON deposit (community_id, donor_person_id, id) WHERE donor_person_id IS NOT NULL

CREATE INDEX ix_service_record_entered ON service_record (community_id, recorded_at, id) WHERE state = 'entered'
