"""Notices: what staff tell everybody, from one day to another."""
