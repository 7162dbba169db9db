"""Keep what somebody typed until they can send it: when a visit ends, or a form has gone stale.

A draft is no deed: nobody else reads it, it stands in no audit line, and it is wiped once it was
sent, thrown away, or some days old.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Delete, delete, select
from sqlalchemy.orm import Session

from timebank.db import Database, insert_new
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.people.queries.drafts import DRAFT_COLUMN, Typed, address_digest
from timebank.people.rules.visits import DRAFT_LIFE, DRAFTS_MAX
from timebank.people.tables import form_draft
from timebank.values import By
from timebank.vault.cipher import vault_to_seal


@dataclass(frozen=True, slots=True)
class DraftsForgotten:
    drafts: int


def keep_draft(database: Database, *, by: By, address: str, typed: Typed) -> None:
    """Keep what the person typed into a page, instead of an earlier draft of the same page."""

    def work(session: Session, now: datetime) -> None:
        sealed = vault_to_seal(session).seal(json.dumps(typed), DRAFT_COLUMN)
        session.execute(_of(by, address))
        row = {
            "community_id": by.community_id,
            "person_id": by.person_id,
            "address_digest": address_digest(address),
            "typed_sealed": sealed,
            "kept_at": now,
        }
        insert_new(session, form_draft, [row])  # Another tab may keep its own at this instant.
        _drop_oldest(session, by)

    database.write(work)


def drop_draft(database: Database, *, by: By, address: str) -> None:
    """Wipe the draft of a page: it was sent, or its owner throws it away."""
    database.write(lambda session, now: session.execute(_of(by, address)))


@action("forget_drafts")
def forget_drafts(deed: Deed) -> DraftsForgotten:
    """Wipe the drafts of some days ago: the job of the clock."""
    wiped = deed.session.execute(
        delete(form_draft)
        .where(
            form_draft.c.community_id == deed.community_id,
            form_draft.c.kept_at <= deed.now - DRAFT_LIFE,
        )
        .returning(form_draft.c.person_id)
    )
    return DraftsForgotten(len(wiped.all()))


def _of(by: By, address: str) -> Delete:
    return delete(form_draft).where(
        form_draft.c.community_id == by.community_id,
        form_draft.c.person_id == by.person_id,
        form_draft.c.address_digest == address_digest(address),
    )


def _drop_oldest(session: Session, by: By) -> None:
    """Keep no more drafts of a person than they can have forms open."""
    own = form_draft.c.community_id == by.community_id, form_draft.c.person_id == by.person_id
    digest = form_draft.c.address_digest
    newest = (form_draft.c.kept_at.desc(), digest)
    surplus = session.scalars(select(digest).where(*own).order_by(*newest).offset(DRAFTS_MAX)).all()
    if surplus:
        session.execute(delete(form_draft).where(*own, digest.in_(surplus)))
