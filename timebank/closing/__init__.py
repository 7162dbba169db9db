"""The accounting day of a store: opened, counted, signed by a second person, closed."""
