"""Hours: services, volunteers, service records, confirmation and credit. See ``rules.py``."""
