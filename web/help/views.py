"""The help page, open to all."""

from flask import render_template

from web.auth import open_to_all
from web.pages import Audience, page

HELP = Audience("help")


@page(HELP, "/help", "help")
@open_to_all
def help() -> str:
    return render_template("help/help.html")
