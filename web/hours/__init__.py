"""Pages about hours: the passbook, services, records to confirm."""
