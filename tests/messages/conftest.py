"""An office whose messages go to gateways on loopback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.databases import COMMUNITY_ID
from tests.factories import people as make
from tests.factories.gateways import TestGateway, served_gateway
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.messages import actions
from timebank.messages.gateways import GATEWAYS, Gateways
from timebank.messages.sending import send_due
from timebank.messages.tables import message, message_attempt, message_sending
from timebank.subject import MessageKind
from timebank.values import By

KIND = MessageKind(name="hold_ends", is_called=True)


@dataclass
class Outbox:
    """A database with one resident, and two gateways."""

    database: Database
    email: TestGateway
    sms: TestGateway
    town: make.Town
    by: By

    def write(self, about: str = "claim:1", **more: Any) -> None:
        """Write a message to the resident, as a deed of somebody else does."""
        new = actions.NewMessage(
            kind=KIND, person_id=self.by.person_id, about=about, facts={"claim_no": "Q-1"}, **more
        )
        self.do(actions.write_messages, [new])

    def do(
        self, action: Callable[..., Any], *words: Any, by: By | None = None, **values: Any
    ) -> Any:
        def run(session: Any, now: Any) -> Any:
            deed = Deed(session, by or self.town.by, now, make.a_request_id())
            return action(deed, *words, **values)

        return self.database.write(run)

    def send(self) -> int:
        by = By(COMMUNITY_ID, "job:clockwork", channel="job")
        return send_due(self.database, by)

    def rows(self, table: Any = message_sending) -> list[Any]:
        with self.database.reading() as session:
            keys = list(table.primary_key.columns)
            return list(session.execute(table.select().order_by(*keys)))

    def states(self) -> dict[str, str]:
        return {row.channel: row.state for row in self.rows()}

    def outcomes(self) -> list[tuple[str, int, str | None]]:
        return [(row.channel, row.number, row.outcome) for row in self.rows(message_attempt)]

    def messages(self) -> list[Any]:
        return self.rows(message)


@pytest.fixture
def outbox(fresh_database: Database) -> Iterator[Outbox]:
    """A resident with a telephone, who chose e-mail and SMS."""
    with served_gateway("email") as email, served_gateway("sms") as sms:
        fresh_database.info[GATEWAYS] = Gateways(email=email.mail_url, sms=sms.sms_url)

        def begin(session: Any, now: Any) -> tuple[make.Town, By]:
            town = make.make_town(session)
            return town, make.resident(session, town)

        town, by = fresh_database.write(begin)
        made = Outbox(fresh_database, email, sms, town, by)
        made.do(
            actions.choose_messages, by=by, email="lin@example.org", by_email=True, by_sms=True,
            by_call=True,
        )  # fmt: skip
        yield made
