DROP INDEX ix_deposit_community_id_donor_organisation_id

DROP INDEX ix_deposit_community_id_donor_person_id

CREATE INDEX ix_deposit_donor_organisation_id ON deposit (community_id, donor_organisation_id, id) WHERE donor_organisation_id IS NOT NULL

CREATE INDEX ix_deposit_donor_person_id ON deposit (community_id, donor_person_id, id) WHERE donor_person_id IS NOT NULL
