"""The requests of the matrix: each route that names somebody, and each form that does something.

What they name is made in ``matrix``; the answers are in ``tests/web/matrix.md``.
"""

from collections.abc import Iterator
from typing import Any

from tests.factories.matrix import CHANGED, Home, Trial, World
from tests.factories.people import a_request_id


def get(rule: str, query: str = "", what: str = "") -> Trial:
    """A page whose address names something of a home; ``refused`` is a claim too."""

    def build(home: Home, world: World) -> tuple[str, dict[str, Any]]:
        path = rule.replace("int:", "")
        for name, number in home.ids.items():
            path = path.replace(f"<{name}>", str(number))
        return path + query.format(**home.ids), {}

    return Trial(f"GET {_named(rule)} {what}".strip(), build)


def post(rule: str, what: str, query: str = "", **fields: str) -> Trial:
    """A form as a page sends it. A field in braces is an id of the home or of the store."""

    def build(home: Home, world: World) -> tuple[str, dict[str, Any]]:
        told = {**world.ids, **home.ids, "code": home.pickup_code}
        path, _ = get(rule, query).build(home, world)
        named = {key.format(**told): value.format(**told) for key, value in fields.items()}
        return path, named | {"request_id": a_request_id()}

    return Trial(f"POST {_named(rule)} {what}", build)


# What has a name of its own among the ids of a home, because another thing has the name already.
_OWN_NAMES = {
    "refused": "claim_id",
    "pictured": "proof_id",
    "password_reset": "reset_id",
    "firm_gift": "deposit_id",
    "booked_batch": "batch_id",
}


def _named(rule: str) -> str:
    for own, named in _OWN_NAMES.items():
        rule = rule.replace(f"<int:{own}>", f"<int:{named}>")
    return rule


_DAYS = {"valid_from_on": "2025-06-01", "valid_until_on": "2025-12-31"}
_CARD, _HOME = "/work/people/<int:person_id>/card", "/work/households/<int:household_id>"
_REGISTRATION = "/work/registrations/<int:registration_id>"
_SESSION = {
    "save": "1", "service_id": "{service}", "served_on": "2025-06-09", "starts": "06:00",
    "ends": "07:00", "place": "2号楼",
}  # fmt: skip
_CLAIM = "/me/claims/<int:claim_id>"
_LINE = {"receive": "1", "thanks": "receipt", "lines-0-item_id": "{soap}", "lines-0-brought": "1"}
_LINE |= {"lines-0-condition": "new"}

WITH_IDS = (
    get("/api/v1/me/claims/<claim_id>"),
    get(_CLAIM),
    get("/me/deposit/<int:deposit_id>"),
    get("/me/firm", "?firm={organisation_id}", "firm"),
    get("/me/firm/<int:firm_gift>"),
    get("/work/firms/<int:organisation_id>/invite"),
    get("/store/counter", "?person={person_id}", "person"),
    get("/store/intake", "?deposit={announced}", "announced"),
    get("/store/receipts/<int:deposit_id>"),
    get("/store/slips/<int:claim_id>"),
    get("/work/messages/<int:person_id>"), get("/work/messages/<int:person_id>/slip"),
    get("/work", "?case=record-{record}", "record"),
    get("/work", "?case=review-{review}", "review"),
    get("/work", "?case=pickup-{claim_id}", "pickup"),
    get(_HOME),
    get(f"{_HOME}/papers"),
    get(f"{_HOME}/papers/<int:proof_id>/end"),
    get(f"{_HOME}/ready"),
    get(f"{_HOME}/history"),
    get(f"{_HOME}/address"),
    get(f"{_HOME}/move"),
    get("/work/people/<int:person_id>/change"),
    get("/work/people/<int:person_id>/consents"),
    get("/work/people/<int:person_id>/home"),
    get("/work/people/<int:person_id>"),
    get(_CARD),
    get(f"{_CARD}/ask-pin"),
    get("/work/people/<int:person_id>/name"),
    get("/work/people/<int:person_id>/invite"),
    get("/work/people/<int:person_id>/relatives"),
    get("/work/relatives/<int:relation_id>/end"),
    get("/work/people/<int:person_id>/same"),
    get("/work/merges/<int:merge_id>"),
    get("/work/people/<int:person_id>/mandates"),
    get("/work/mandates/<int:mandate_id>"),
    get("/me/for/<int:mandate_id>/take"),
    get("/work/people/<int:person_id>/password"),
    get("/work/password-resets/<int:password_reset>"),
    get("/work/staff/<int:user_id>"),
    get("/work/staff/<int:user_id>/role"),
    get("/work/staff/roles/<int:role_id>/end"),
    get("/work/pin-resets/<int:reset_id>"),
    get("/work/people/<int:person_id>/sealed"),
    get("/work/staff/invitations/<int:invitation_id>"),
    get("/work", "?case=registration-{registration_id}", "registration"),
    get(_REGISTRATION),
    get(f"{_REGISTRATION}/enrol"),
    get("/work", "?case=setting-{change_id}", "setting"),
    get("/work/settings/changes/<int:change_id>"),
    get("/work", "?case=item_change-{item_change_id}", "item_change"),
    get("/work", "?case=import-{batch_id}", "import"),
    get("/work", "?case=import_undo-{booked_batch}", "import_undo"),
    get("/work/import/<int:batch_id>"),
    get("/work/import/<int:batch_id>/columns"),
    get("/work/import/<int:batch_id>/sign"),
    get("/work/items/<int:item_id>"),
    get("/work/items/<int:item_id>/labels"), get("/work/items/<int:item_id>/picture"),
    get("/work/items/<int:item_id>/picture/file"),
    get("/work/shops/<int:store_id>/change"),
    get("/work/places/<int:place_id>/change"),
    get("/work/places/<int:place_id>/end"),
    get("/work/shops/<int:store_id>/close"),
    get("/work/shops/<int:store_id>/reopen"),
    get("/work/services/<int:service_id>/change"),
    get("/work/services/<int:service_id>/end"),
    get("/work/items/<int:item_id>/change"),
    get("/work/items/<int:item_id>/end"),
    get("/work/card-issues/<int:issue_id>"),
    get("/work/card-issues/<int:issue_id>/turned"),
    get("/work/papers/<int:pictured>/picture"),
    get("/work/papers/<int:pictured>/picture/file"),
    post("/me/card/lost", "stop", card_id="{card}"),
    post(_CLAIM, "cancel", do="cancel"),
    post("/me/claims/<int:refused>", "ask", do="ask"),
    post("/me/services", "confirm", do="confirm", record_id="{record}"),
    post("/me/services", "agree", do="agree", record_id="{shift}"),
    post("/store/counter", "give", **{"give": "1", "again": "1", "person-person_id": "{person_id}",
                                      "pieces-{soap}": "1", "lot-{soap_lot}": "1"}),
    post("/store/day", "release", release="{claim_id}"),
    post("/store/intake", "announced", deposit_id="{announced}", **_LINE),
    post("/store/intake", "donor", **_LINE, **{"donor-person_id": "{person_id}"}),
    post("/store/issue", "give", scan="{code}", give="{claim_id}", tick="x",
         **{"line-{claim_id}": "x"}),
    post("/work", "record:confirm", "?case=record-{record}", do="confirm"),
    post("/work", "record:word", "?case=record-{record}", do="word"),
    post("/work", "record:refuse", "?case=record-{record}", do="refuse", reason="没有这回事"),
    post("/work", "review:approve", "?case=review-{review}", do="approve", reason="病后体弱"),
    post("/work", "review:refuse", "?case=review-{review}", do="refuse", reason="已核实"),
    post("/work", "pickup:hand_over", "?case=pickup-{claim_id}", do="hand_over",
         pickup_code="{code}"),
    post(f"{_HOME}/papers", "enter", kind="dibao", person_id="", document_no="1", issuer="街道办",
         **_DAYS),
    post(f"{_HOME}/papers/<int:proof_id>/end", "end", ended_on="2025-06-11", reason="搬走了"),
    post(f"{_HOME}/address", "address", building_id="{building}", door="9"),
    post(f"{_HOME}/move", "split", why="split", person_ids="{person_id}", building_id="{building}",
         door="9", happened_on="2025-06-09"),
    post(f"{_HOME}/move", "left", why="left", person_ids="{person_id}", happened_on="2025-06-09"),
    post("/work/people/<int:person_id>/home", "again", why="split", happened_on="2025-06-09"),
    post("/work/people/<int:person_id>/change", "change", name="陈甲二", phone="10099990000"),
    post("/work/people/<int:person_id>/consents", "withdraw", do="withdraw",
         kind="register"),
    post("/work/people/<int:person_id>/consents", "give", do="give", kind="sensitive"),
    post(_CARD, "issue", do="issue", language="zh"),
    post(_CARD, "stop", do="stop", why="lost"),
    post(_CARD, "pin", do="pin"),
    post(f"{_CARD}/ask-pin", "wish", do="ask"),
    post("/work/people/<int:person_id>/name", "open", reason="核对第十二号收据的捐赠人"),
    post("/work/people/<int:person_id>/invite", "invite", role="hotline"),
    post("/work/people/<int:person_id>/relatives", "record", save="1", kind="other",
         from_on="2025-06-01", **{"other-person_id": "{helper}"}),
    post("/work/people/<int:person_id>/same", "ask", save="1", reason="看了证件，是同一个人"),
    post("/work/merges/<int:merge_id>", "two_people", do="two_people"),
    post("/work/people/<int:person_id>/mandates", "ask", save="1", ground_note="委托书"),
    post("/work/mandates/<int:mandate_id>", "confirm", do="confirm"),
    post("/me/for/<int:mandate_id>/take", "claim"),
    post("/work/relatives/<int:relation_id>/end", "end", reason="登记的时候写错了人"),
    post("/work/people/<int:person_id>/password", "ask"),
    post("/work/password-resets/<int:password_reset>", "set", password="nine paper boats",
         again="nine paper boats"),
    post("/work/pin-resets/<int:reset_id>", "set", pin="7391", again="7391"),
    post("/work/firms", "end", end="{speaker}"),
    post("/work/firms/<int:organisation_id>/invite", "invite", name="卢庚二", phone="13800001234"),
    post("/work/staff/<int:user_id>", "close", do="close"),
    post("/work/staff/<int:user_id>/role", "give", role="keeper"),
    post("/work/staff/roles/<int:role_id>/end", "end"),
    post("/work/staff/invitations/<int:invitation_id>", "confirm", do="confirm"),
    post("/work/staff/invitations/<int:invitation_id>", "withdraw", do="withdraw"),
    post(_REGISTRATION, "end", do="end", end_why="known"),
    post(_REGISTRATION, "helper", do="helper"),
    post(f"{_REGISTRATION}/enrol", "enrol", building_id="{place_id}", door="9", consents="y",
         **{"members-0-name": "覃小满", "members-0-birth_on": "1958-05-21"}),
    post("/work/settings/changes/<int:change_id>", "confirm", do="confirm"),
    post("/work/settings/changes/<int:change_id>", "withdraw", do="withdraw"),
    post("/work/import/<int:batch_id>", "withdraw", do="withdraw"),
    post("/work/import/<int:batch_id>/columns", "match", heading="0", column_building="0",
         column_door="1", column_name="2"),
    post("/work/import/<int:batch_id>/sign", "book", do="book"),
    post("/work/import/<int:booked_batch>/sign", "undo", do="undo"),
    post("/work", "item_change:agree", "?case=item_change-{item_change_id}", do="agree"),
    post("/work", "item_change:drop", "?case=item_change-{item_change_id}", do="drop"),
    post("/work/items", "drop", drop="{item_change_id}"),
    post("/work/places/<int:place_id>/change", "change", name_zh="新一号楼"),
    post("/work/places/<int:place_id>/end", "end", note="拆了"),
    post("/work/shops/<int:store_id>/change", "change", name_zh="新店"), post(
        "/work/shops/<int:store_id>/close", "close", note="租约到期"),
    post("/work/shops/<int:store_id>/reopen", "reopen", note="又租了一年"),
    post("/work/services/<int:service_id>/change", "change", name_zh="聊天"),
    post("/work/services/<int:service_id>/end", "end", note="没有人要"),
    post("/work/items/<int:item_id>", "forget", forget="{item_code_id}"),
    post("/work/items/<int:item_id>/picture", "remove", do="remove"),
    post("/work/items/<int:item_id>", "drop", drop="{item_change_id}"),
    post("/work/items/<int:item_id>/change", "change", name_zh="精盐", price="3.50",
         storage="dry", since_on="2025-07-01", shelf_life_days="900"),
    post("/work/items/<int:item_id>/end", "end", since_on="2025-07-01", note="没有人要"),
    post("/work/card-issues/<int:issue_id>", "give", do="give"),
    post("/work/card-issues/<int:issue_id>/turned", "prove", pin="8164"),
    post("/work/papers/<int:pictured>/picture", "open", reason="抽查时核对证件编号"),
    post("/work/people/<int:person_id>/sealed", "open", columns="phone", reason="联系本人取物"),
    post("/work/messages", "again", again="{message}.sms"),
    post("/work/messages/<int:person_id>", "phone", do="phone"),
    post("/work/messages/<int:person_id>", "reached", do="reached", message_ids="{message}"),
    post("/work/records", "confirm", record_id="{record}"),
    post("/work/records/new", "helper", for_whom="group",
         **_SESSION, **{"helper-person_id": "{person_id}"}),
    post("/work/records/new", "recipient", for_whom="person", **_SESSION,
         **{"helper-person_id": "{helper}", "recipient-person_id": "{person_id}"}),
)  # fmt: skip

# What stands for the other parts of an address: no person is behind them.
_PARTS = {
    "kind": "more", "name": "buttons", "filename": "x.css", "code": "en", "size": "large",
    "no": "1", "txn_id": "1", "key": CHANGED, "sheet": "people",
}  # fmt: skip


def without_ids(rules: list[tuple[str, str]]) -> Iterator[Trial]:
    """The routes that name nobody, each with the body of an empty form."""
    for method, rule in rules:
        path = rule.replace("int:", "").replace("path:", "")
        for name, text in _PARTS.items():
            path = path.replace(f"<{name}>", text)
        yield Trial(f"{method} {rule}", lambda home, world, path=path: (path, {}), has_ids=False)
