"""Persons, households, organisations, places, proofs, cards, users and their roles."""
