"""Reads of hours: frozen values, each in a fixed number of statements.

One file per question: ``terms`` (the numbers in force), ``register`` (services, volunteers),
``records`` (of one person), ``worklist`` and ``waiting`` (what waits), ``passbook``, ``months``.
"""

from timebank.hours.queries.asked import RunningShift, WordAsked, service_now, words_asked
from timebank.hours.queries.listed import VolunteerListed, records_listed, volunteers_listed
from timebank.hours.queries.months import minutes_by_month
from timebank.hours.queries.overlaps import Overlap, overlap, waiting_overlaps
from timebank.hours.queries.passbook import (
    Passbook,
    PassbookLine,
    PastPassbook,
    passbook,
    passbook_as_of,
    passbook_lines,
)
from timebank.hours.queries.records import (
    OpenShift,
    ServiceRecord,
    Word,
    open_shift,
    open_shifts,
    record,
    records_named,
    records_of_person,
    words_on,
)
from timebank.hours.queries.register import (
    Service,
    Volunteer,
    all_services,
    services,
    volunteer_of,
    volunteers,
)
from timebank.hours.queries.terms import terms_of, terms_on
from timebank.hours.queries.waiting import (
    may_confirm,
    waiting_records,
    waiting_shifts,
    within_roles,
)
from timebank.hours.queries.worklist import (
    RecordToConfirm,
    records_to_confirm,
)

__all__ = [
    "OpenShift",
    "Overlap",
    "Passbook",
    "PassbookLine",
    "PastPassbook",
    "RecordToConfirm",
    "RunningShift",
    "Service",
    "ServiceRecord",
    "Volunteer",
    "VolunteerListed",
    "Word",
    "WordAsked",
    "all_services",
    "may_confirm",
    "minutes_by_month",
    "open_shift",
    "open_shifts",
    "overlap",
    "passbook",
    "passbook_as_of",
    "passbook_lines",
    "record",
    "records_listed",
    "records_named",
    "records_of_person",
    "records_to_confirm",
    "service_now",
    "services",
    "terms_of",
    "terms_on",
    "volunteer_of",
    "volunteers",
    "volunteers_listed",
    "waiting_overlaps",
    "waiting_records",
    "waiting_shifts",
    "within_roles",
    "words_asked",
    "words_on",
]
