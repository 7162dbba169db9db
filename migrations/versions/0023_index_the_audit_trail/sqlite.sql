CREATE INDEX ix_audit_line_community_id_name_at ON audit_line (community_id, name, at)

CREATE INDEX ix_audit_line_community_id_user_id_at ON audit_line (community_id, user_id, at)
