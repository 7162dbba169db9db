"""Aid: claims on the goods of the pool, decided, set aside, handed over or let go."""
