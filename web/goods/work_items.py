"""The catalogue at the staff's desk: the list, one item with its history, what is proposed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from timebank.errors import NotFound
from timebank.goods import actions, may
from timebank.goods.entries import DONE, PROPOSED
from timebank.goods.queries import (
    Item,
    ItemChange,
    codes_of_item,
    item_changes,
    items,
    open_item_changes,
    pieces_on_hand,
)
from timebank.typed import plain
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.forms import PlainForm
from web.goods.item_forms import ItemChangeForm, ItemEndForm, ItemForm
from web.goods.item_words import CHANGES, ITEM_KINDS, STORAGE, said, sentence_of, shown
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id, read_number
from web.tables import Column, table_of

ITEMS_A_PAGE = 40
HISTORY_SHOWN = 40
LABELS_A_SHEET = 12
PAGES_MAX = 999
STATES = ("", "retired", "all")
PLACE = MenuPlace(
    bar=MANAGE, word=_l("物品目录"), icon="book-open", order=30,
    says=_l("收什么、叫什么、参考价；加新的、停收"), right=may.READ_CATALOGUE,
    also=("work.items",),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WantedItems:
    """What part of the catalogue the address asks for."""

    q: str = ""
    kind: str = ""
    state: str = ""
    sort: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "WantedItems":
        """Read it from an address; what is invalid counts as absent."""
        kind, state = query.get("kind", ""), query.get("state", "")
        return cls(
            q=query.get("q", "").strip()[:40],
            kind=kind if kind in ITEM_KINDS else "",
            state=state if state in STATES else "",
            sort=query.get("sort", "")[:20],
            page=read_number(query.get("page"), most=PAGES_MAX) or 1,
        )

    def fits(self, one: Item) -> bool:
        is_state = self.state == "all" or one.is_retired(units.today()) == (self.state == "retired")
        is_kind = not self.kind or one.kind == self.kind
        text = f"{one.name_zh} {one.name_en} {one.barcode}".casefold()
        return is_state and is_kind and self.q.casefold() in text

    def address(self, **changed: Any) -> str:
        """The address of another part; what says nothing is left out."""
        wanted = asdict(replace(self, **changed))
        wanted["page"] = wanted["page"] if wanted["page"] > 1 else None
        return url_for("work.items", **{name: value or None for name, value in wanted.items()})


@page(WORK, "/items", "items", methods=BOTH, places=(PLACE,))
@needs(may.READ_CATALOGUE)
def catalogue() -> Any:
    """List the items, and what is proposed; take a proposal back."""
    by, form, wanted = current_by(), PlainForm(), WantedItems.of(request.args)
    if _dropped(form):
        return redirect(url_for("work.items"), 303)
    with units.reading() as session:
        known = items(session, by.community_id)
        on_hand = pieces_on_hand(session, by.community_id)
        proposed = open_item_changes(session, by.community_id)
    table = _table([one for one in known if wanted.fits(one)], on_hand)
    last = max(1, -(-len(table.rows) // ITEMS_A_PAGE))
    start = (wanted.page - 1) * ITEMS_A_PAGE
    table = replace(table, rows=table.rows[start : start + ITEMS_A_PAGE])
    return units.draw(
        "goods/work_items.html", form=form, table=table, wanted=wanted, last=last,
        kinds=ITEM_KINDS, on_hand=on_hand, proposed=_shown_changes(proposed, known),
        today=units.today(), may_propose=may.PROPOSE_ITEMS.is_held(by), is_empty=not known,
    )  # fmt: skip


def _table(shown_items: list[Item], on_hand: dict[int, int]) -> Any:
    sorts: dict[str, Any] = {
        "name": lambda one: own_name(one, language()).casefold(),
        "kind": lambda one: list(ITEM_KINDS).index(one.kind),
        "price": lambda one: one.reference_fen,
        "on_hand": lambda one: on_hand.get(one.id, 0),
        "code": lambda one: one.barcode,
    }
    heads = (
        ("name", _l("物品"), "title"), ("kind", _l("种类"), "text"),
        ("price", _l("参考价"), "number"), ("on_hand", _l("架上"), "number"),
        ("code", _l("编号"), "text"),
    )  # fmt: skip
    columns = [
        Column(key=key, label=label, kind=kind, sort=sorts[key]) for key, label, kind in heads
    ]
    return table_of(shown_items, columns, usual="code")


def _shown_changes(proposed: list[ItemChange], known: list[Item]) -> list[dict[str, Any]]:
    """Each proposal with its words, and what the reader may do about it."""
    by, by_id = current_by(), {one.id: one for one in known}
    decides = may.DECIDE_ITEMS.is_held_everywhere(by)
    return [
        {
            "change": change,
            "name": own_name(by_id.get(change.item_id or 0) or change, language()),
            "word": CHANGES[change.kind],
            "says": said(change, by_id.get(change.item_id or 0)),
            "is_waiting": change.state == PROPOSED,
            "may_drop": decides or change.asked_by_person_id == by.person_id,
            "may_agree": decides and change.asked_by_person_id != by.person_id,
        }
        for change in proposed
    ]


def _dropped(form: PlainForm) -> bool:
    """Take back or turn down the proposal of a pressed button."""
    change_id = read_id(request.form.get("drop"))
    if change_id is None or not form.validate_on_submit():
        return False
    if units.tried(actions.drop_item_change, form, item_change_id=change_id) is None:
        return False
    flash(_("这一条已经收回，目录没有变。"))
    return True


def _forgotten(form: PlainForm) -> bool:
    """Forget the barcode of a pressed button."""
    code_id = read_id(request.form.get("forget"))
    if code_id is None or not form.validate_on_submit():
        return False
    if units.tried(actions.forget_barcode, form, item_code_id=code_id) is None:
        return False
    flash(_("这个条码去掉了。"))
    return True


def _item(item_id: int) -> Item:
    with units.reading() as session:
        found = items(session, current_by().community_id, [item_id])
    if not found:
        raise NotFound(kind="item")
    return found[0]


@page(WORK, "/items/<int:item_id>", "items_one", methods=BOTH)
@needs(may.READ_CATALOGUE)
def one(item_id: int) -> Any:
    """Show an item with everything that was changed, and what is proposed for it."""
    by, form = current_by(), PlainForm()
    if _dropped(form) or _forgotten(form):
        return redirect(url_for("work.items_one", item_id=item_id), 303)
    item = _item(item_id)
    with units.reading() as session:
        changes = item_changes(session, by.community_id, item_id, most=HISTORY_SHOWN)
        on_hand = pieces_on_hand(session, by.community_id).get(item_id, 0)
        codes = codes_of_item(session, by.community_id, item_id)
    proposed = [change for change in changes if change.state in ("asked", "agreed")]
    return units.draw(
        "goods/work_item.html", form=form, item=item, on_hand=on_hand, codes=codes,
        today=units.today(), proposed=_shown_changes(proposed, [item]),
        may_propose=may.PROPOSE_ITEMS.is_held(by), facts=_facts(item), sentence_of=sentence_of,
        history=[change for change in changes if change.state == DONE],
    )  # fmt: skip


def _facts(item: Item) -> list[tuple[str, str]]:
    rows = [
        (_("种类"), str(ITEM_KINDS[item.kind])),
        (_("参考价"), shown("reference_fen", item.reference_fen)),
        (_("存放"), str(STORAGE[item.storage])),
        (_("先清洗消毒"), shown("needs_cleaning", item.needs_cleaning)),
        (_("只借不送"), shown("is_loan", item.is_loan)),
        (_("收的时候还要看"), shown("asks", item.asks)),
        (_("编号"), item.barcode),
    ]
    if item.shelf_life_days is not None:
        rows.insert(2, (_("一般能放"), shown("shelf_life_days", item.shelf_life_days)))
    return rows


@page(WORK, "/items/<int:item_id>/labels", "items_labels")
@needs(may.READ_CATALOGUE)
def labels(item_id: int) -> str:
    """Show a sheet of labels with the code of an item, to print and cut."""
    return render_template(
        "goods/work_item_labels.html", item=_item(item_id), count=range(LABELS_A_SHEET)
    )


@page(WORK, "/items/new", "items_new", methods=BOTH)
@needs(may.PROPOSE_ITEMS)
def new() -> Any:
    """Propose a new item."""
    form = ItemForm()
    if request.method == "GET":  # What a donor wrote that the catalogue does not know yet.
        form.name_zh.data = plain(request.args.get("name", ""))[:60]
    if form.validate_on_submit():
        told = {"fields": form.proposed(), "note": form.note.data or ""}
        filed = units.tried(actions.propose_item, form, **told)
        if filed is not None:
            flash(_("已经提出。另一位负责人或审批员同意以后，就能收这样物品了。"))
            return redirect(url_for("work.items"), 303)
    return units.draw("goods/work_item_new.html", form=form)


@page(WORK, "/items/<int:item_id>/change", "items_change", methods=BOTH)
@needs(may.PROPOSE_ITEMS)
def change(item_id: int) -> Any:
    """Propose that an item says something else from a day on."""
    item, form = _item(item_id), ItemChangeForm()
    if request.method == "GET":
        form.fill(item, units.today())
    if form.validate_on_submit():
        told = {"fields": form.fields(is_food=item.has_best_before), "note": form.note.data or ""}
        filed = units.tried(
            actions.propose_item_change, form, item_id=item.id, since_on=form.since_on.data, **told
        )
        if filed is not None:
            return _filed(filed)
    return units.draw("goods/work_item_change.html", form=form, item=item)


@page(WORK, "/items/<int:item_id>/end", "items_end", methods=BOTH)
@needs(may.PROPOSE_ITEMS)
def end(item_id: int) -> Any:
    """Propose that an item is no longer taken in from a day on, or that it is again."""
    item, form = _item(item_id), ItemEndForm()
    if request.method == "GET":
        form.since_on.data = units.today()
    resumes = item.retired_on is not None
    if form.validate_on_submit():
        told = {"since_on": form.since_on.data, "note": form.note.data, "resumes": resumes}
        filed = units.tried(actions.propose_item_end, form, item_id=item.id, **told)
        if filed is not None:
            return _filed(filed)
    return units.draw("goods/work_item_end.html", form=form, item=item, resumes=resumes)


def _filed(filed: actions.ItemChangeFiled) -> Response:
    if filed.state == DONE:
        flash(_("已经改好了。"))
    elif filed.state == PROPOSED:
        flash(_("已经提出，等另一位负责人或审批员同意。"))
    else:
        flash(_("已经定好，到那天自动改。"))
    return redirect(url_for("work.items_one", item_id=filed.item_id), 303)
