"""Looking after a community: who did what to whom, read from the audit trail."""
