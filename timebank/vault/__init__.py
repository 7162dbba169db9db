"""Private columns: their encryption, the keys in force, the sealed values of every table."""
