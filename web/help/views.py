"""The page behind the word *help*, open to all."""

from flask import Blueprint, render_template

from web.auth import open_to_all

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
@open_to_all
def help() -> str:
    return render_template("help/help.html")
