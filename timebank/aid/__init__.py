"""Aid: claims on the goods of the pool. They are decided, reserved, handed over or ended."""
