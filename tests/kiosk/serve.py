"""The two programs as separate processes, for tests that kill them.

``serve.py server URL PORT`` serves the kiosks' part of the web; ``serve.py agent`` runs the agent
with the settings of its environment.
"""

import sys

from waitress import serve

from kiosk import app as agent
from tests.factories.kiosks import web_for
from timebank.db import Database
from timebank.people.vault import Vault


def serve_web(url: str, port: int) -> None:
    database = Database(url, info={"vault": Vault(bytes(range(32)))})
    serve(web_for(database), host="127.0.0.1", port=port, threads=4, ident=None)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve_web(sys.argv[2], int(sys.argv[3]))
    else:
        agent.run()
