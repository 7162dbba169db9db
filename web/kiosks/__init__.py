"""Pages and addresses for kiosks."""
