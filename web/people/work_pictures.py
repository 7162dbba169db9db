"""The picture of a paper: opened with a recorded reason, and then shown for some minutes."""

from typing import Any

from flask import make_response, url_for
from werkzeug.wrappers import Response

from timebank.errors import NotFound, TimebankError
from timebank.people import may
from timebank.people.actions import open_picture
from timebank.people.queries import PicturedPaper, has_opened, opened_picture, pictured_paper
from web import units
from web.auth import current_by, needs, proven
from web.pages import BOTH, WORK, page
from web.people.sight import require_sight
from web.people.work_forms import PictureForm

_PATH = "/papers/<int:proof_id>/picture"


def _paper(proof_id: int) -> tuple[PicturedPaper, bool]:
    """The paper, and whether the reader has opened its picture just now."""
    by = current_by()
    with units.reading() as session:
        paper = pictured_paper(session, by.community_id, proof_id)
        require_sight(by, may.REVEAL, kind="proof", grid_id=paper.grid_id)
        return paper, has_opened(session, by, proof_id, now=units.now())


@page(WORK, _PATH, "people_picture", methods=BOTH)
@needs(may.REVEAL)
@proven
def picture(proof_id: int) -> Any:
    """Ask for a reason, then show the picture."""
    (paper, is_open), form = _paper(proof_id), PictureForm()
    if form.validate_on_submit():
        values = {"proof_id": proof_id, "reason": form.reason.data or ""}
        try:
            open_picture(units.database(), by=current_by(), **values)
            is_open = True
        except TimebankError as refusal:
            form.refuse(refusal)
    if paper.is_to_check and may.CHECK_PAPERS.is_held(current_by()):
        back = url_for("work.worklist", case=f"paper-{proof_id}")
    else:
        back = url_for("work.people_household", household_id=paper.household_id)
    return units.draw(
        "people/work_picture.html", form=form, paper=paper, is_open=is_open, back=back
    )


@page(WORK, f"{_PATH}/file", "people_picture_file")
@needs(may.REVEAL)
@proven
def file(proof_id: int) -> Response:
    """Send the picture to whoever has just opened it; nothing keeps a copy."""
    by = current_by()
    _paper(proof_id)
    with units.reading() as session:
        content = opened_picture(session, by, proof_id, now=units.now())
    if content is None:
        raise NotFound(kind="proof")
    response = make_response(content)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Disposition"] = 'inline; filename="paper.jpg"'
    response.headers["Cache-Control"] = "no-store"
    return response
