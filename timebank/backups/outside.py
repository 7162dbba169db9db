"""What every unit of work may ask of the outside: the gateways of messages, the last backup."""

from functools import partial
from typing import Any

from timebank.backups.notes import last_backup_at
from timebank.config import Settings
from timebank.messages.gateways import GATEWAYS, Gateways
from timebank.oversight.messages import LAST_BACKUP


def info_of(settings: Settings) -> dict[str, Any]:
    """The ``info`` of a database of these settings, besides its vault."""
    return {
        GATEWAYS: Gateways(email=settings.mail_url, sms=settings.sms_url),
        LAST_BACKUP: partial(last_backup_at, settings.data),
    }
