"""Two gateways on loopback that speak the real protocols: SMTP for e-mail, HTTP for SMS.

Each keeps what it accepted. ``answer`` decides what it does with the next ones: *accept*, *refuse*
with a clear no, or *break* the connection after the message has arrived, without an answer.
"""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCEPT, REFUSE, BREAK = "accept", "refuse", "break"


@dataclass
class TestGateway:
    """What a gateway does, and what it has accepted: recipient, title and text."""

    __test__ = False
    answer: str = ACCEPT
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    tries: int = 0
    port: int = 0

    @property
    def mail_url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=office@example.org&to={{to}}&mode=insecure"

    @property
    def sms_url(self) -> str:
        return f"json://127.0.0.1:{self.port}/sms?:to={{to}}"


class _Smtp(socketserver.StreamRequestHandler):
    gateway: TestGateway

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        to = ""
        self.say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split()[0].upper()
            if verb == "RCPT":
                self.gateway.tries += 1
                to = line.partition("<")[2].rstrip(">")
                self.say("550 no such mailbox" if self.gateway.answer == REFUSE else "250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                self._keep(to)
                if self.gateway.answer == BREAK:
                    return
                self.say("250 accepted")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _keep(self, to: str) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        mail = message_from_bytes(b"".join(lines), policy=default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        self.gateway.accepted.append((to, str(mail["subject"]), text.strip()))


class _Sms(BaseHTTPRequestHandler):
    gateway: TestGateway

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.gateway.tries += 1
        if self.gateway.answer == REFUSE:
            self.send_response(400)
            self.end_headers()
            return
        self.gateway.accepted.append((sent["to"], sent["title"], sent["message"]))
        if self.gateway.answer == BREAK:
            self.close_connection = True
            return
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *words: Any) -> None:
        """Print nothing into the test run."""


@contextmanager
def served_gateway(kind: str) -> Iterator[TestGateway]:
    """Serve a gateway for *email* or *sms* on a free port within the block."""
    gateway = TestGateway()
    base: Any = _Smtp if kind == "email" else _Sms
    handler = type("Handler", (base,), {"gateway": gateway})
    maker: Any = socketserver.ThreadingTCPServer if kind == "email" else ThreadingHTTPServer
    with maker(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        gateway.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()
