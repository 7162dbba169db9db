"""Goods: catalogue, stores, what is brought in, the lots on the shelf."""
