"""Kiosks in the shops: wire format, device register, inbox, reviews."""
