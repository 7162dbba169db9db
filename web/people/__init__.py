"""Signing in and out, and one's own card. The pages are in ``views`` and ``own_card``."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)
