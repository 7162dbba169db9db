"""The sample community as an older version left it: schema 0010, and everything in clear text."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, bindparam, insert, select, text

from tests.factories.sample import make_sample
from timebank import schema
from timebank.db import Database, make_engine
from timebank.db.revisions import migrating
from timebank.people.vault import Vault
from timebank.schema import every_table

VERSION = "0010"
PAIRING_CODE = "QX7RM2WK"


@dataclass
class Secrets:
    """What stood in clear text, by table; ``codes`` are those of claims, by state."""

    born: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    codes: dict[str, set[str]] = field(default_factory=dict)

    @property
    def every(self) -> set[str]:
        return self.born | {PAIRING_CODE}.union(*self.codes.values())


def lay_older(url: str) -> None:
    """Create the tables of the older version in an empty place."""
    engine, config = make_engine(url), schema._config()
    with migrating(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, VERSION)
    engine.dispose()


def fill_older(url: str, database: Database, vault: Vault) -> Secrets:
    """Fill it with the sample community of ``database``, in clear text."""
    database.write(lambda session, now: make_sample(session))
    found, engine = Secrets(), make_engine(url)
    older = MetaData()
    older.reflect(engine)
    with migrating(engine) as connection, database.reading() as session:
        triggers = _without_triggers(connection)
        for table in every_table().sorted_tables:
            if table.name not in older.tables:
                continue
            rows = [dict(row) for row in session.execute(select(table)).mappings()]
            clear = [_in_clear(table, row, vault, found) for row in rows]
            _copy(connection, table, older.tables[table.name], clear)
        _store_answers(connection, found)
        for line in triggers:
            connection.exec_driver_sql(line)
    engine.dispose()
    return found


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
    columns = [column for column in table.columns if column.name in into.columns]
    if not rows:
        return
    names = ", ".join(column.name for column in columns)
    values = ", ".join(f":{column.name}" for column in columns)
    line = text(f"INSERT INTO {table.name} ({names}) VALUES ({values})")
    kinds = {column.name: column.type for column in columns}
    told = line.bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items()))
    connection.execute(told, [{name: row[name] for name in kinds} for row in rows])


def _in_clear(table: Table, row: dict[str, Any], vault: Vault, found: Secrets) -> dict[str, Any]:
    if table.name == "person" and row["birth_sealed"] is not None:
        row["birth_on"] = date.fromisoformat(vault.open(row["birth_sealed"], "person.birth"))
        found.born.add(row["birth_on"].isoformat())
    if table.name == "proof":
        row["kind"] = vault.open(row["kind_sealed"], "proof.kind")
        found.kinds.add(row["kind"])
    if table.name == "claim" and row["pickup_digest"] is not None:
        sealed = row["pickup_sealed"]
        drawn = f"{secrets.randbelow(900_000) + 100_000}"
        row["pickup_code"] = vault.open(sealed, "claim.pickup_code") if sealed else drawn
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
