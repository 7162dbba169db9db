"""The actions on whole households; none commits."""

from timebank.households.actions.enrolling import (
    FamilyEnrolled,
    FamilyPaper,
    NewFamily,
    NewMember,
    enrol_family,
)
from timebank.households.actions.moving import MembersMoved, NewHome, move_members

__all__ = [
    "FamilyEnrolled",
    "FamilyPaper",
    "MembersMoved",
    "NewFamily",
    "NewHome",
    "NewMember",
    "enrol_family",
    "move_members",
]
