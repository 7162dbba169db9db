"""The two programs of a shop, for tests that run them in processes of their own and kill them.

Not here: how the processes are started and killed (``test_kill.py``).
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from waitress import serve

from kiosk import app as agent
from kiosk.config import read_config
from tests.factories.kiosks import web_for
from timebank.db import Database
from timebank.vault.cipher import Vault


def serve_web(url: str, port: int) -> None:
    """Serve the kiosks' part of the web."""
    database = Database(url, info={"vault": Vault(bytes(range(32)))})
    serve(web_for(database), host="127.0.0.1", port=port, threads=4, ident=None)


def serve_web_dying(url: str, port: int) -> None:
    """Serve the same until the first upload: it is posted, and the server dies with its answer."""
    database = Database(url, info={"vault": Vault(bytes(range(32)))})
    app = web_for(database)
    answering = app.wsgi_app

    def die(environ: dict[str, Any], start_response: Any) -> Any:
        answer = answering(environ, start_response)
        if environ["PATH_INFO"] == "/api/v1/kiosk/events":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    app.wsgi_app = die
    serve(app, host="127.0.0.1", port=port, threads=4, ident=None)


def serve_agent(environ: Mapping[str, str]) -> None:
    """Serve the agent of the touch screen with these settings."""
    agent.run(read_config(environ))


def logged(log: Path, program: Callable[..., None], *told: Any) -> None:
    """Run a program with what it prints in a file."""
    with log.open("ab") as out:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(out.fileno(), stream.fileno())
    program(*told)
