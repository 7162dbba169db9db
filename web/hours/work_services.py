"""The list of services: add one, change its names, end it or offer it again."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from timebank.errors import NotFound
from timebank.hours import actions, may
from timebank.hours.queries import Service, all_services
from timebank.hours.rules import CATEGORIES
from web import units
from web.auth import current_by, needs
from web.forms import WorkForm, named
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

OFF: dict[str, Any] = {"autocomplete": "off"}
NEEDED = _l("请填写。")
STATES = ("in_use", "ended")
PLACE = MenuPlace(
    bar=MANAGE, word=_l("服务种类"), icon="heart-handshake", order=50,
    says=_l("志愿者能做哪些服务"), right=may.SUPERVISE,
    also=("work.services",),
)  # fmt: skip


class ServiceChangeForm(WorkForm):
    """How a service is called."""

    name_zh = StringField(_l("中文名称"), [InputRequired(NEEDED), Length(max=40)], render_kw=OFF)
    name_en = StringField(_l("英文名称"), [Length(max=60)], render_kw=OFF)

    def told(self) -> dict[str, Any]:
        """What was typed; what is not written in English is written as in Chinese."""
        zh = self.name_zh.data
        return {"name_zh": zh, "name_en": self.name_en.data or zh}


class ServiceForm(ServiceChangeForm):
    """A new service: also in which of the seven categories."""

    category = SelectField(_l("类别"))


class ServiceEndForm(WorkForm):
    """Why a service is not offered any more, or is again."""

    note = TextAreaField(_l("原因"), [InputRequired(_l("请写上原因。")), Length(max=200)])


@page(WORK, "/services", "services", places=(PLACE,))
@needs(may.SUPERVISE)
def services() -> Any:
    """List the services in their categories, also those that ended."""
    with units.reading() as session:
        known = all_services(session, current_by().community_id)
    known = [one for one in known if is_wanted(one, request.args)]
    groups = [
        (word, [one for one in known if one.category == category]) for category, word in _words()
    ]
    return units.draw(
        "hours/work_services.html", form=WorkForm(formdata=None),
        groups=[(word, some) for word, some in groups if some], kinds=_words(),
        asked={name: request.args[name] for name in ("kind", "state") if request.args.get(name)},
    )  # fmt: skip


def is_wanted(one: Service, query: Mapping[str, str]) -> bool:
    """Tell whether a service is among those that an address asks for."""
    kind, state = query.get("kind", ""), query.get("state", "")
    is_kind = kind not in CATEGORIES or one.category == kind
    return is_kind and (state not in STATES or (one.retired_on is not None) == (state == "ended"))


def _words() -> list[tuple[str, str]]:
    at = 0 if language() == "zh" else 1
    return [(category, names[at]) for category, names in CATEGORIES.items()]


@page(WORK, "/services/new", "services_new", methods=BOTH)
@needs(may.SUPERVISE)
def new() -> Any:
    """Offer one more service."""
    form = ServiceForm()
    form.category.choices = named(*_words())
    if form.validate_on_submit():
        told = form.told() | {"category": form.category.data}
        if units.tried(actions.add_service, form, **told) is not None:
            return _done(_("已经加上，现在就能登记。"))
    return units.draw("hours/work_service_new.html", form=form)


@page(WORK, "/services/<int:service_id>/change", "services_change", methods=BOTH)
@needs(may.SUPERVISE)
def change(service_id: int) -> Any:
    """Change the names of a service."""
    service, form = _service(service_id), ServiceChangeForm()
    if not form.is_submitted():
        form.name_zh.data, form.name_en.data = service.name_zh, service.name_en
    if form.validate_on_submit():
        told = {"service_id": service.id, **form.told()}
        if units.tried(actions.change_service, form, **told) is not None:
            return _done(_("已经改好了。"))
    return units.draw("hours/work_service_change.html", form=form, service=service)


@page(WORK, "/services/<int:service_id>/end", "services_end", methods=BOTH)
@needs(may.SUPERVISE)
def end(service_id: int) -> Any:
    """End a service from today on, or offer it again."""
    service, form = _service(service_id), ServiceEndForm()
    resumes = service.retired_on is not None
    if form.validate_on_submit():
        told = {"service_id": service.id, "note": form.note.data, "resumes": resumes}
        if units.tried(actions.end_service, form, **told) is not None:
            return _done(_("又可以登记了。") if resumes else _("已经停办。以前的记录都在。"))
    return units.draw("hours/work_service_end.html", form=form, service=service, resumes=resumes)


def _service(service_id: int) -> Service:
    with units.reading() as session:
        known = all_services(session, current_by().community_id)
    for one in known:
        if one.id == service_id:
            return one
    raise NotFound(kind="service")


def _done(said: str) -> Any:
    flash(said)
    return redirect(url_for("work.services"), 303)
