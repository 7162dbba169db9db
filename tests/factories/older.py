"""The sample community as an older version left it: schema 0010, and everything in clear text."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, bindparam, insert, select, text
from sqlalchemy.orm import Session

from tests.factories.sample import NOW, make_sample
from timebank import schema
from timebank.db import Database, make_engine
from timebank.db.revisions import migrating
from timebank.kiosks.kept_bytes import cells_of
from timebank.kiosks.tables import device, inbox, quarantine, review
from timebank.schema import every_table
from timebank.vault.cipher import Vault, vault_of

VERSION = "0010"
PAIRING_CODE = "QX7RM2WK"
# Six digits alone also stand in a digest or in the fraction of a second, by chance.
MARK = "QZ"
SENT_CODE = f"{MARK}8347"  # That a kiosk of an older version sent with a hand-over.


@dataclass
class Secrets:
    """What stood in clear text, by table; ``codes`` are those of claims, by state.

    Rules name kinds of papers too, and are no secret: ``told_kinds`` is how a record names the kind
    that a household has.
    """

    born: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    codes: dict[str, set[str]] = field(default_factory=dict)

    @property
    def every(self) -> set[str]:
        return self.born | self.told_kinds | {PAIRING_CODE, SENT_CODE}.union(*self.codes.values())

    @property
    def told_kinds(self) -> set[str]:
        return {f'"kind":"{kind}"' for kind in self.kinds}


def lay_older(url: str) -> None:
    """Create the tables of the older version in an empty place."""
    engine, config = make_engine(url), schema._config()
    with migrating(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, VERSION)
    engine.dispose()


def fill_older(url: str, database: Database, vault: Vault) -> Secrets:
    """Fill it with the sample community of ``database``, in clear text."""
    database.write(lambda session, now: _fill(session))
    found, engine = Secrets(), make_engine(url)
    older = MetaData()
    older.reflect(engine)
    with migrating(engine) as connection, database.reading() as session:
        triggers = _without_triggers(connection)
        for table in every_table().sorted_tables:
            if table.name not in older.tables:
                continue
            rows = [dict(row) for row in session.execute(select(table)).mappings()]
            into = older.tables[table.name]
            clear = [_in_clear(table, _opened(table, row, into, vault), found) for row in rows]
            _copy(connection, table, into, clear)
        _store_answers(connection, found)
        for line in triggers:
            connection.exec_driver_sql(line)
    engine.dispose()
    return found


def _fill(session: Session) -> None:
    """The sample community, and a kiosk whose hand-over waits for staff."""
    sample, vault = make_sample(session), vault_of(session)
    place = {"community_id": 1, "device_id": 7, "epoch": 1, "seq": 1}
    raw = f'{{"body":{{"pickup_code":"{SENT_CODE}"}}}}'.encode()
    kept = {**place, "signature": b"s", "digest": "d" * 64, "received_at": NOW}
    own = {"community_id": 1, "store_id": sample.shop.store_id}
    card_key = vault.seal("k", "kiosk_device.card_key")
    facts = vault.seal('{"kind":"dibao"}', "kiosk_review.facts")
    paired = {"public_key": b"p" * 32, "fingerprint": "f", "card_key": card_key, "state": "active"}
    paired |= {"head_seq": 1, "head_digest": "d" * 64, "paired_at": NOW, "seen_at": NOW}
    session.execute(insert(device).values(**own, id=7, epoch=1, **paired))
    session.execute(insert(inbox).values(**kept, ahead_us=0, **cells_of(session, inbox, raw)))
    aside = {"kind": "fork", **cells_of(session, quarantine, raw)}
    session.execute(insert(quarantine).values(**kept, **aside))
    waits = {"reason": "PROOF_EXPIRED", "facts_sealed": facts, "opened_at": NOW}
    session.execute(insert(review).values(**{**own, **place}, id=8, digest="d" * 64, **waits))


def _without_triggers(connection: Connection) -> list[str]:
    """Let rows be copied as they are; gives what SQLite has to create again afterwards."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return []
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    found = rows.all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return [line for _, line in found]


def _copy(connection: Connection, table: Table, into: Table, rows: list[dict[str, Any]]) -> None:
    """Write rows with the columns that the older version had, in the types of the models."""
    if not rows:
        return
    kinds = {one.name: one.type for one in into.columns}
    kinds |= {one.name: one.type for one in table.columns if one.name in kinds}
    kinds = {name: kind for name, kind in kinds.items() if name in rows[0]}
    names, values = ", ".join(kinds), ", ".join(f":{name}" for name in kinds)
    line = text(f"INSERT INTO {table.name} ({names}) VALUES ({values})")
    told = line.bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items()))
    connection.execute(told, [{name: row[name] for name in kinds} for row in rows])


# The columns of older versions whose names differ from those of the sealed ones.
_NAMES = {"birth_sealed": "birth_on", "pickup_sealed": "pickup_code"}


def _opened(table: Table, row: dict[str, Any], into: Table, vault: Vault) -> dict[str, Any]:
    """A row with its values in the columns that the older version had."""
    for one in table.columns:
        if "sealed" not in one.info or one.name in into.columns:
            continue
        name = _NAMES.get(one.name, one.name.removesuffix("_sealed"))
        if row[one.name] is not None:
            value = vault.open(row[one.name], one.info["sealed"])
            row[name] = value.encode() if name == "raw" else value
        row.setdefault(name, None)
    return row


def _in_clear(table: Table, row: dict[str, Any], found: Secrets) -> dict[str, Any]:
    """Note what is secret of a row; a used code is drawn again."""
    if table.name == "person" and row["birth_on"] is not None:
        found.born.add(row["birth_on"])
        row["birth_on"] = date.fromisoformat(row["birth_on"])
    if table.name == "proof":
        found.kinds.add(row["kind"])
    if table.name == "claim" and row["pickup_digest"] is not None:
        digits = row["pickup_code"] or f"{secrets.randbelow(900_000) + 100_000}"
        row["pickup_code"] = f"{MARK}{digits[2:]}"
        found.codes.setdefault(row["state"], set()).add(row["pickup_code"])
    return row


def _store_answers(connection: Connection, found: Secrets) -> None:
    """The answers of deeds, with their codes; and a pairing code."""
    deed = Table("deed", MetaData(), autoload_with=connection)
    own = {"community_id": 1, "client": "user:1", "fingerprint": b"h" * 32, "done_at": 0}
    codes = sorted(set().union(*found.codes.values()))
    answers = [("claim_goods", {"claim_id": 1, "pickup_code": code}) for code in codes]
    answers += [("decide_review", {"claim_id": 2, "pickup_code": codes[0]})]
    answers += [("decide_review", {"claim_id": 2, "pickup_code": None})]
    answers += [("make_pairing_code", {"code": PAIRING_CODE, "store_id": 9})]
    told = {"kind": sorted(found.kinds)[0]}
    answers += [("issue_goods", {"code": "PROOF_EXPIRED", "facts": told})]
    rows = [
        {**own, "request_id": f"old-{at}", "name": name, "answer": _compact(answer)}
        for at, (name, answer) in enumerate(answers)
    ]
    connection.execute(insert(deed), rows)
    pairing = (
        "INSERT INTO kiosk_pairing (community_id, code, store_id, made_at, expires_at)"
        " SELECT 1, :code, id, 0, 0 FROM store LIMIT 1"
    )
    connection.execute(text(pairing), {"code": PAIRING_CODE})


def _compact(answer: dict[str, Any]) -> str:
    return json.dumps(answer, separators=(",", ":"))
