"""Sheets out: who took which list away. The lists themselves are declared in ``web``."""
