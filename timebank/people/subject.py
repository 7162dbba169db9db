"""What the subject of people declares: places, households, people and those who sign in."""

from datetime import time

from sqlalchemy import Table

from timebank.people import (
    firm_verbs,
    mandate_verbs,
    may,
    refusals,
    relation_verbs,
    sample,
    staff_verbs,
    tables,
    verbs,
)
from timebank.people.actions import forget_drafts, forget_pictures, move_age_groups
from timebank.people.queries import (
    waiting_alarms,
    waiting_card_issues,
    waiting_invitations,
    waiting_mandates,
    waiting_merges,
    waiting_papers,
    waiting_password_resets,
    waiting_pin_resets,
)
from timebank.people.queries.effects import EFFECTS
from timebank.people.setting import enrol_cast, name_grid_and_buildings
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="people",
    stands_on=("deeds", "policy", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=(
        "people.openings_max",
        "people.paper_ahead_days",
        "people.paper_months_max",
        "people.picture_days",
        "people.second_factor_roles",
    ),
    effects=EFFECTS,
    work=(
        WorkKind(name="card_issue", waiting=waiting_card_issues, promised_days=None),
        WorkKind(name="invitation", waiting=waiting_invitations, promised_days=None),
        WorkKind(name="mandate", waiting=waiting_mandates, promised_days=None),
        WorkKind(name="opening", waiting=waiting_alarms, promised_days=1),
        WorkKind(name="paper", waiting=waiting_papers, promised_days=10),
        WorkKind(name="password_reset", waiting=waiting_password_resets, promised_days=None),
        WorkKind(name="person_merge", waiting=waiting_merges, promised_days=None),
        WorkKind(name="pin_reset", waiting=waiting_pin_resets, promised_days=None),
    ),
    jobs=(
        Job(name="move_age_groups", action=move_age_groups, is_more=lambda moved: moved.is_more),
        Job(name="forget_pictures", action=forget_pictures),
        Job(name="forget_drafts", action=forget_drafts),
    ),
    verbs={
        "enrol_household": verbs.enrol_household,
        "ask_card": verbs.ask_card,
        "type_pin": verbs.type_pin,
        "give_card": verbs.give_card,
        "stop_card": verbs.stop_card,
        "ask_pin": verbs.ask_pin,
        "set_pin": verbs.set_pin,
        "enter_paper": verbs.enter_paper,
        "check_paper": verbs.check_paper,
        "open_data": verbs.open_data,
        "forget_pictures": verbs.forget_pictures,
        "sign_in": verbs.sign_in,
        "end_others": verbs.end_others,
        "invite": staff_verbs.invite,
        "confirm_invitation": staff_verbs.confirm_invitation,
        "withdraw_invitation": staff_verbs.withdraw_invitation,
        "print_slip": staff_verbs.print_slip,
        "begin": staff_verbs.begin,
        "ask_mandate": mandate_verbs.ask_mandate,
        "confirm_mandate": mandate_verbs.confirm_mandate,
        "end_mandate": mandate_verbs.end_mandate,
        "record_relation": relation_verbs.record_relation,
        "end_relation": relation_verbs.end_relation,
        "give_role": staff_verbs.give_role,
        "end_role": staff_verbs.end_role,
        "close_user": staff_verbs.close_user,
        "ask_password": staff_verbs.ask_password,
        "set_password": staff_verbs.set_password,
        "add_firm": firm_verbs.add_firm,
        "invite_representative": firm_verbs.invite_representative,
        "end_representative": firm_verbs.end_representative,
    },
    checks={
        "cards": verbs.check_cards,
        "firms": firm_verbs.check_firms,
        "roles": staff_verbs.check_roles,
        "second_factor": verbs.check_second_factor,
        "visits": verbs.check_visits,
    },
    settings=(name_grid_and_buildings, enrol_cast),
    founding=(sample.found,),
    errands=(
        Errand(at=time(8, 30), run=sample.enter_brought_papers),
        Errand(at=time(9, 40), run=sample.record_relatives),
        Errand(at=time(10, 20), run=sample.open_sealed_data),
        Errand(at=time(11), run=sample.invite_staff),
        Errand(at=time(14), run=sample.reset_forgotten_password),
        Errand(at=time(16), run=sample.check_drawn_papers),
    ),
)
