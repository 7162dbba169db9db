"""Readers of cells that follow the rules of a subject: id numbers, phones, names."""

import re

from timebank.errors import BadInput
from timebank.people.refusals import BadIdNumber
from timebank.people.rules import check_id_number, tidy_phone
from timebank.people.rules.names import tidy_name
from timebank.sheets.cells import CellUnread, is_scientific
from timebank.typed import joined

# Nine to twelve digits that begin with neither 0 nor 1: the zero of an area code is lost, unless
# it is a line that is dialled alike everywhere.
_NO_ZERO = re.compile(r"(?![48]00[0-9]{7}$)(?:[2-9][0-9]{8,11}|10[0-9]{8})")


def name(cell: str) -> str:
    """The name of a person."""
    try:
        return tidy_name(cell)
    except BadInput as refusal:
        raise CellUnread(f"name_{refusal.facts['why']}") from None


def id_no(cell: str) -> str:
    """A resident id number that has lost nothing on its way."""
    if is_scientific(cell):
        raise CellUnread("scientific")
    try:
        return check_id_number(cell).number
    except BadIdNumber as refusal:
        raise CellUnread(f"id_{refusal.facts['why']}") from None


def phone(cell: str) -> str:
    """A phone number; a zero that an office program has dropped is not put back."""
    if is_scientific(cell):
        raise CellUnread("scientific")
    if _NO_ZERO.fullmatch(re.sub(r"[-()]", "", joined(cell))):
        raise CellUnread("phone_zero")
    try:
        return tidy_phone(cell)
    except BadInput:
        raise CellUnread("phone") from None
