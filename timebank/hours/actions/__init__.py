"""The actions on hours, one function per use case; none commits."""

from timebank.hours.actions.both_roles import OverlapSettled, settle_overlap
from timebank.hours.actions.confirm import (
    RecordRefused,
    RecordsConfirmed,
    confirm_records,
    refuse_record,
)
from timebank.hours.actions.credit import CreditReversed, RecordCredited, reverse_credit
from timebank.hours.actions.records import NewRecord, RecordsEntered, enter_records
from timebank.hours.actions.register import (
    BalanceOpened,
    NewService,
    NewVolunteer,
    ServicesAdded,
    VolunteersRegistered,
    add_services,
    open_balance,
    register_volunteers,
)
from timebank.hours.actions.services import (
    ServiceChanged,
    add_service,
    change_service,
    end_service,
)
from timebank.hours.actions.shifts import (
    CheckInReceipt,
    CheckOutReceipt,
    EndAccepted,
    EndProposed,
    accept_end,
    check_in,
    check_out,
    propose_end,
)

__all__ = [
    "BalanceOpened",
    "CheckInReceipt",
    "CheckOutReceipt",
    "CreditReversed",
    "EndAccepted",
    "EndProposed",
    "NewRecord",
    "NewService",
    "NewVolunteer",
    "OverlapSettled",
    "RecordCredited",
    "RecordRefused",
    "RecordsConfirmed",
    "RecordsEntered",
    "ServiceChanged",
    "ServicesAdded",
    "VolunteersRegistered",
    "accept_end",
    "add_service",
    "add_services",
    "change_service",
    "check_in",
    "check_out",
    "confirm_records",
    "end_service",
    "enter_records",
    "open_balance",
    "propose_end",
    "refuse_record",
    "register_volunteers",
    "reverse_credit",
    "settle_overlap",
]
