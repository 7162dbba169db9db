"""The texts of the books. Their pages are in ``web/sealing``."""
