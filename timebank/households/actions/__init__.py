"""The actions on whole households; none commits."""

from timebank.households.actions.enrolling import (
    FamilyEnrolled,
    FamilyPaper,
    NewFamily,
    NewMember,
    enrol_family,
)
from timebank.households.actions.merging import (
    MergeAnswered,
    MergeAsked,
    answer_merge,
    ask_merge,
    ask_merge_undone,
)
from timebank.households.actions.moving import MembersMoved, NewHome, move_members

__all__ = [
    "FamilyEnrolled",
    "FamilyPaper",
    "MembersMoved",
    "MergeAnswered",
    "MergeAsked",
    "NewFamily",
    "NewHome",
    "NewMember",
    "answer_merge",
    "ask_merge",
    "ask_merge_undone",
    "enrol_family",
    "move_members",
]
