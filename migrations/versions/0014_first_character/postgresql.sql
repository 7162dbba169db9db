CREATE INDEX ix_person_first_character ON person (community_id, substr(name, 1, 1))
