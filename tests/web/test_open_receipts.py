"""A receipt on the public page: what its paper proves, what a number shows, and no more."""

import re

import pytest
from sqlalchemy import text

from tests.checking.planting import Intruder
from tests.factories.ledger import make_request, post_now
from tests.factories.sealing import SIGNER, seal_in
from timebank.checking.notes import read_keys
from timebank.checking.receipts import check_bundle, read_bundle, read_receipt
from timebank.goods.queries import code_of_receipt, deposit
from timebank.goods.rules import receipt_code
from timebank.ledger.rules import Move
from timebank.sealing.keys import SIGNER as NAME
from timebank.sealing.keys import Signer
from timebank.sealing.queries import verifier_of

PROVED, NOT_LOOKED_AT = "证明了：账上有这一笔", "账上有这一笔，签名没有核对"
OTHERWISE, BROKEN, DRIFTED = "方码和账对不上", "账和封存对不上", "登记簿和账上不一样"


@pytest.fixture
def paper(village):
    """The receipt of the sample, and the content of its QR code."""
    found = village.ask(deposit, village.sample.cases["received"])
    return found, village.ask(code_of_receipt, found)


@pytest.fixture
def sealed(village, monkeypatch):
    monkeypatch.setitem(village.database.info, NAME, SIGNER)
    seal_in(village.database)
    with village.database.reading() as session:
        assert not session.scalar(text("SELECT COUNT(*) FROM seal_queue WHERE community_id = 1"))
    return village


def look(village, told):
    page = village.visit().get(f"/receipt?no={told}")
    assert page.status == 200
    return page.text


def proof(village, told):
    return village.visit().client.get(f"/receipt/proof?no={told}")


def tamper(village, statement, **told):
    with Intruder.enters(village.database.engine, stays=True) as intruder:
        assert intruder.run(statement, **told).rowcount


def test_a_receipt_is_found_by_its_number_and_by_its_code_without_the_donor(village, paper):
    found, code = paper
    number, address = found.receipt_no, f"https://x.example/receipt?no={code}"
    same = (number, number.lower(), f" {number} ", found.receipt_token, code, code.lower(), address)
    for told in same:
        page = look(village, told)
        assert found.receipt_no in page, told
        assert "5 件" in page
        assert "黄丙三" not in page


def test_a_receipt_of_the_neighbour_community_is_not_found(village):
    with village.database.reading() as session:
        community_id = village.neighbour.town.community_id
        theirs = deposit(session, community_id, village.neighbour.cases["received"])
        code = code_of_receipt(session, community_id, theirs)
    for told in (theirs.receipt_token, code):
        assert "这里查不到这个号码" in look(village, told)
        assert proof(village, told).status_code == 404


def test_a_number_that_can_be_counted_up_opens_neither_code_nor_proof(sealed, paper):
    found, code = paper
    page = look(sealed, found.receipt_no)
    assert "只凭号码" in page
    assert PROVED not in page
    for secret in (found.receipt_token[5:], code.split("-")[1], "/receipt/proof"):
        assert secret not in page
    for told in (found.receipt_no, found.receipt_token):
        assert proof(sealed, told).status_code == 404
    assert "老式的收据" in look(sealed, found.receipt_token)


def test_the_code_of_one_thing_proves_nothing_of_another(sealed, paper):
    found, code = paper
    with sealed.database.reading() as session:
        asked = text("SELECT id, leaf_hash FROM txn WHERE status = 1 AND id <> :id")
        others = session.execute(asked, {"id": found.txn_id}).all()
    codes = [receipt_code(found.receipt_token, row.id, bytes(row.leaf_hash)) for row in others]
    changed = code[:-2] + ("A" if code[-2] != "A" else "B") + code[-1]
    assert len(codes) > 5
    for told in (changed, *codes):
        page = look(sealed, told)
        assert OTHERWISE in page
        assert PROVED not in page
        assert "5 件" not in page
        assert proof(sealed, told).status_code == 404


@pytest.mark.parametrize("txn_id", [0, 2**63, 2**64 - 1])
def test_a_code_of_an_impossible_number_is_answered_like_any_wrong_one(sealed, paper, txn_id):
    code = receipt_code(paper[0].receipt_token, txn_id, bytes(32))
    assert OTHERWISE in look(sealed, code)
    assert proof(sealed, code).status_code == 404


def test_a_receipt_names_what_was_posted_and_waits_for_its_seal(village, paper):
    found, code = paper
    assert code.startswith(f"GZR2:{found.receipt_token[5:]}-")
    page = look(village, code)
    assert "账上有这一笔，还没有封存" in page
    assert "收进 5 件" in page
    assert proof(village, code).status_code == 404


def test_a_sealed_receipt_comes_with_a_proof_that_needs_nobody(sealed, paper):
    _, code = paper
    page = look(sealed, code)
    assert PROVED in page
    assert "由 timebank/" in page
    assert "没有证明。谁捐的，不在这里显示" in page
    given = proof(sealed, code)
    assert given.mimetype == "application/json"
    keys = read_keys([sealed.ask(verifier_of)], {}, None)
    standing = check_bundle(read_receipt(code), read_bundle(given.get_data()), keys)
    assert (standing.state, standing.is_signed) == ("sealed", True)
    assert standing.kind == "receive_deposit"


def test_the_page_proves_nothing_by_a_signature_that_it_could_not_look_at(
    sealed, paper, monkeypatch
):
    monkeypatch.delitem(sealed.database.info, NAME)
    page = look(sealed, paper[1])
    assert NOT_LOOKED_AT in page
    assert PROVED not in page
    monkeypatch.setitem(sealed.database.info, NAME, Signer(bytes(32)))
    assert BROKEN in look(sealed, paper[1])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoint SET note = replace(note, 'time 1', 'time 2')",
        "UPDATE checkpoint SET note = substr(note, 1, length(note) - 8) || 'AAAAAA=' || char(10)",
        "UPDATE checkpoint SET note = replace(note, 'timebank/', 'timebank/e')",
        "UPDATE community SET code = 'evil' WHERE id = 1",
        "UPDATE posting SET quantity = quantity + 1",
        "DELETE FROM log_leaf WHERE entry = 1",
    ],
)
def test_books_that_contradict_their_seal_are_not_vouched_for(sealed, paper, statement):
    tamper(sealed, statement)
    page = look(sealed, paper[1])
    assert BROKEN in page
    assert PROVED not in page
    assert "5 件" not in page


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("accepted_pieces", 200, "收下：账上 5 件，登记簿 200 件"),
        ("value_yuan", 9999, "登记簿 9999 元"),
        ("received_at", 1_000_000_000_000_000, "登记簿 2001年9月9日"),
        ("txn_id", None, OTHERWISE),
    ],
)
def test_what_was_written_into_the_register_is_not_what_is_proved(
    sealed, paper, column, value, told
):
    found, code = paper
    assert DRIFTED not in look(sealed, code)
    of = f"UPDATE deposit SET {column} = :value WHERE community_id = 1 AND id = :id"
    tamper(sealed, of, value=value, id=found.id)
    page = look(sealed, code)
    assert told in page
    assert (DRIFTED in page) == (value is not None)
    slip = page.partition("slip-facts")[2]
    assert not any(made_up in slip for made_up in ("200 件", "9999", "2001"))


def test_another_kind_of_deed_is_no_deposit_whatever_the_register_names(village, paper):
    """It moves the same pieces on the same day between the same accounts."""
    found, _ = paper
    asked = "SELECT * FROM posting WHERE community_id = 1 AND txn_id = :id ORDER BY line"

    def again(session, now):
        lines = session.execute(text(asked), {"id": found.txn_id}).all()
        moves = [
            Move(line.source_account_id, line.destination_account_id, line.quantity)
            for line in lines
        ]
        return post_now(session, make_request(*moves))[0].txn_id

    other = village.database.write(again)
    tamper(village, "UPDATE deposit SET txn_id = :txn WHERE id = :id", txn=other, id=found.id)
    page = look(village, village.ask(code_of_receipt, village.ask(deposit, found.id)))
    assert "收下：账上 0 件，登记簿 5 件" in page


def test_a_deposit_that_was_reversed_later_says_so(sealed, paper):
    found, code = paper
    assert "冲回" not in look(sealed, code)
    sealed.database.write(
        lambda session, now: post_now(session, make_request(reverses_id=found.txn_id))
    )
    assert "这一笔后来冲回了" in look(sealed, code)


def test_every_standing_is_told_in_english_too(sealed, paper):
    found, code = paper
    visit = sealed.visit()
    visit.client.set_cookie("language", "en")
    for told, words in (
        (code, "Proved: the books hold this entry"),
        (found.receipt_no, "By its number you see what the register says today"),
        ("S1-2099-000001", "There is no such number here"),
    ):
        page = visit.get(f"/receipt?no={told}").text
        assert words in page
        main = page.partition("<main")[2].partition("</main>")[0]
        assert not re.search("[\u3400-\u9fff]", re.sub("<[^>]*>", "", main)), told
