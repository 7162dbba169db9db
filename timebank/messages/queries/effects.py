"""For whom a change of the rules about messages changes something."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from timebank.messages.tables import message
from timebank.policy.rules.effects import Effect, ParameterChange, told
from timebank.values import local_instant

_OLDER = select(func.count()).where(
    message.c.community_id == bindparam("of_community"),
    message.c.emptied_at.is_(None),
    message.c.written_at < bindparam("before"),
)


def keep_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Messages whose content goes earlier, or stays longer."""
    before, after = (
        _older(session, community_id, change.on - timedelta(days=rows.whole(change.key)))
        for rows in (change.before, change.after)
    )
    return told(
        Effect("messages_go", max(after - before, 0)),
        Effect("messages_stay", max(before - after, 0)),
    )


def _older(session: Session, community_id: int, before_on: date) -> int:
    asked: dict[str, Any] = {"of_community": community_id, "before": local_instant(before_on)}
    return session.scalar(_OLDER, asked) or 0


EFFECTS = {"messages.keep_days": keep_effects}
