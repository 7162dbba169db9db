"""Goods: catalogue, stores, deposits, and the lots on the shelf."""
