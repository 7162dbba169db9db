"""Pages of the gallery. The samples are invented and stand in ``samples.py``."""

from flask import Blueprint, render_template

from web.auth import open_to_all

blueprint = Blueprint("gallery", __name__, url_prefix="/gallery")


@blueprint.get("")
@open_to_all
def index() -> str:
    return render_template("gallery/index.html")
