"""Tests of what every deed needs, and what they and the house tests read of it."""
