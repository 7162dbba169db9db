"""What the staff of the sample community do with papers and with sealed data."""

from dataclasses import replace
from datetime import timedelta

from timebank.deeds.deed import Deed
from timebank.people.actions import (
    add_proofs,
    ask_password_reset,
    check_paper,
    grant_role,
    invite_user,
    read_password_reset,
    reset_password,
)
from timebank.people.actions.proofs import is_drawn
from timebank.people.actions.reveal import open_sealed
from timebank.people.rules.invitations import InvitedRole
from timebank.people.sample.neighbourhood import DrawnPaper, Neighbourhood
from timebank.people.sample.pictures import sheet
from timebank.people.sample.population import grid_of
from timebank.people.sample.sign_ins import PASSWORD, shown_residents
from timebank.stories.life import Life
from timebank.values import By
from timebank.vault.cipher import vault_of

# The papers of these last days are still to be looked at.
UNCHECKED_DAYS = 33
INVITED_DAYS = 90
RESET_DAYS = 12
CHECKED_AFTER = timedelta(days=2)
ALARM_GRID = 2  # In this grid somebody prepares for a typhoon, and opens many doors.
# How many days ago whose data was opened, which part, and why.
OPENED = (
    (41, "claimant", "phone", "打电话请他来取预约的物品"),
    (17, "claimant", "door", "送一张新的服务卡上门"),
    (26, "volunteer", "phone", "约定下周陪护的时间"),
    (9, "donor", "phone", "请他补交电器的合格证"),
)


def enter_brought_papers(life: Life) -> None:
    """Enter the papers that are brought today; the social workers take turns."""
    neighbourhood = life.part(Neighbourhood)
    workers = neighbourhood.staff["social"]
    for place, proof in enumerate(neighbourhood.papers_due.pop(life.day, ())):
        worker = workers[(life.day.toordinal() + place) % len(workers)]
        if life.day >= life.today - timedelta(days=UNCHECKED_DAYS):
            proof = replace(proof, picture=sheet(proof.document_no))
        added = life.send(add_proofs, worker, now=life.at(8, 30), proofs=(proof,))
        if added is None:
            continue
        assert life.session is not None
        (proof_id,) = added.proof_ids
        if is_drawn(vault_of(life.session), proof_id):
            paper = DrawnPaper(
                proof_id=proof_id, document_no=proof.document_no, entered_on=life.day
            )
            neighbourhood.drawn.append(paper)


def check_drawn_papers(life: Life) -> None:
    """Look again at the papers that were drawn, from the original; the approvers take turns."""
    neighbourhood = life.part(Neighbourhood)
    if life.day >= life.today - timedelta(days=UNCHECKED_DAYS):
        return
    approvers = neighbourhood.staff["approver"]
    for paper in list(neighbourhood.drawn):
        if paper.entered_on + CHECKED_AFTER <= life.day:
            neighbourhood.drawn.remove(paper)
            approver = approvers[life.day.toordinal() % len(approvers)]
            life.send(
                check_paper, approver, now=life.at(16), proof_id=paper.proof_id,
                is_confirmed=True, document_no=paper.document_no,
            )  # fmt: skip


def open_sealed_data(life: Life) -> None:
    """Open what the work needs; on the last day one grid worker opens more than their budget."""
    neighbourhood = life.part(Neighbourhood)
    residents = shown_residents(neighbourhood)
    for days_ago, who, column, reason in OPENED:
        if life.day == life.today - timedelta(days=days_ago):
            person_id = neighbourhood.person_id(residents[who])
            _open(life, neighbourhood.staff["social"][0], person_id, column, reason=reason)
    if life.is_last_day:
        worker = neighbourhood.staff["grid"][ALARM_GRID]
        homes = neighbourhood.population.homes
        inside = [spot for spot, home in enumerate(homes) if grid_of(home.building) == ALARM_GRID]
        for spot in inside[:16]:
            person_id = neighbourhood.person_id((spot, 0))
            _open(life, worker, person_id, "phone", reason="台风要来，逐户打电话提醒关窗")


def invite_staff(life: Life) -> None:
    """On the last day invite two volunteers: one until a day, one who waits for a second person.

    A social worker is offered a role that waits too.
    """
    if not life.is_last_day:
        return
    neighbourhood = life.part(Neighbourhood)
    (head,), helpers = neighbourhood.staff["coordinator"], neighbourhood.population.helpers
    last_on = life.day + timedelta(days=INVITED_DAYS)
    for spot, role in (
        (helpers[1], InvitedRole("hotline", last_on=last_on)),
        (helpers[2], InvitedRole("cashier")),
    ):
        person_id = neighbourhood.person_id(spot)
        life.send(invite_user, head, now=life.at(11), person_id=person_id, roles=(role,))
    user_id = neighbourhood.staff["social"][1].user_id
    life.send(grant_role, head, now=life.at(11, 10), user_id=user_id, role="auditor")


def reset_forgotten_password(life: Life) -> None:
    """Let a social worker who forgot their password type one that a newcomer to the demo knows."""
    if life.day != life.today - timedelta(days=RESET_DAYS):
        return
    staff = life.part(Neighbourhood).staff
    (head,), second, holder = staff["coordinator"], staff["approver"][1], staff["social"][3]
    asked = life.send(ask_password_reset, head, now=life.at(14), user_id=holder.user_id)
    if asked is None:
        return
    told = {"password_reset_id": asked.password_reset_id}
    typed = {"password": PASSWORD, "password_again": PASSWORD}
    life.send(reset_password, second, now=life.at(14, 10), **told, **typed)
    life.send(read_password_reset, holder, now=life.at(15), **told)


def _open(life: Life, by: By, person_id: int, column: str, *, reason: str) -> None:
    assert life.session is not None
    deed = Deed(life.session, by, life.at(10, 20))
    open_sealed(deed, person_id=person_id, columns=(column,), reason=reason)
