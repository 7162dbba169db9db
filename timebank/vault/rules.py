"""The states of a key of the sealed columns, and the size of what it adds to a value."""

# It seals; it only opens; nothing is sealed by it.
KEY_STATES = CURRENT, OLD, REMOVED = ("current", "old", "removed")
HEADER_BYTES = 5  # The version, and the id of the key.
NONCE_BYTES, TAG_BYTES = 12, 16
SEALED_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES  # More than the text.
