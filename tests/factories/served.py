"""One application a run, lent to one test after the other, each with its own database.

Building an application with all its addresses takes longer than most pages. Not for tests that
add addresses or change the configuration: they call ``create_app`` themselves.
"""

from flask import Flask

from tests.databases import COMMUNITY_ID
from timebank.db import Database
from web.app import create_app
from web.ground import Ground

_made: list[Flask] = []


def app_over(database: Database, community_id: int = COMMUNITY_ID) -> Flask:
    """Lend the application; it serves this database until it is lent again."""
    if not _made:
        _made.append(
            create_app({"DATABASE": database, "COMMUNITY_ID": community_id, "TESTING": True})
        )
    app = _made[0]
    app.config.update(DATABASE=database, COMMUNITY_ID=community_id, DATA=None)
    app.extensions["timebank"] = Ground(database, served_id=community_id)
    return app
