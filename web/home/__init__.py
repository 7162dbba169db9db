"""The start page, with figures of several subjects."""
