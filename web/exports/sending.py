"""Write a file of lists, note who takes it, and send it.

The file is finished before anything is sent: a fault on the way leaves no half of a list that
looks like a whole one. It is on the disk meanwhile, not in memory.
"""

import secrets
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from flask import Response, send_file
from sqlalchemy.orm import Session

from timebank.exports.actions import take_sheet
from timebank.sheets.writing import CSV, XLSX, ZIP, SheetPart, write
from timebank.values import By
from web import units
from web.sheets import Asked, ListSheet, Row

TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv",
    ZIP: "application/zip",
}


def send_list(sheet: ListSheet, by: By, asked: Asked, *, kind: str) -> Response:
    """Send one list. What is not the reader's own is noted with the number of its rows."""
    with units.reading() as session:
        file, rows = written([part_of(sheet, session, by, asked)], kind)
    if sheet.right is not None:
        units.deed(take_sheet, secrets.token_urlsafe(16), name=sheet.name, kind=kind, rows=rows)
    return sent(file, str(sheet.title), kind)


def part_of(sheet: ListSheet, session: Session, by: By, asked: Asked) -> SheetPart:
    """A list as this reader sees it; its rows are read as they are written."""
    return SheetPart(
        title=str(sheet.title),
        headings=[str(heading) for heading in sheet.headings],
        rows=_checked(sheet, session, by, asked),
    )


def _checked(sheet: ListSheet, session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for row in sheet.rows(session, by, asked):
        assert len(row) == len(sheet.headings), f"{sheet.name}: a row unlike its headings"
        yield row


def written(parts: Iterable[SheetPart], kind: str) -> tuple[IO[bytes], int]:
    """Write the lists to a file without a name, and count their rows."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when it was sent.
    try:
        counts = write(file, kind, parts)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, sum(counts.values())


def sent(file: IO[bytes], title: str, kind: str) -> Response:
    """Send a file under its title and the day."""
    name = f"{title}-{units.today()}.{kind}"
    return send_file(file, TYPES[kind], as_attachment=True, download_name=name, max_age=0)
