"""The rows of an uploaded sheet and the report of its dry run, as they lie sealed in the batch."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from timebank.imports.shapes import CellFault
from timebank.vault.cipher import Vault

STAGED_COLUMN, REPORT_COLUMN = "import_batch.staged", "import_batch.report"
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class StagedSheet:
    """A sheet as it was uploaded.

    **Shape**: ``heading`` is the index of its heading row, None without one; ``places`` maps the
    columns of the kind to the columns of the sheet.
    """

    file_name: str
    rows: Rows = field(repr=False)
    heading: int | None
    places: Mapping[str, int]

    @property
    def first(self) -> int:
        """The index of the first row that may hold data."""
        return 0 if self.heading is None else self.heading + 1


def seal_staged(vault: Vault, sheet: StagedSheet) -> bytes:
    """Seal a sheet for the batch."""
    return vault.seal(_packed(asdict(sheet)), STAGED_COLUMN)


def open_staged(vault: Vault, sealed: bytes) -> StagedSheet:
    """Open the sheet of a batch."""
    return StagedSheet(**_unpacked(vault.open(sealed, STAGED_COLUMN)))


def seal_report(vault: Vault, faults: Sequence[CellFault]) -> bytes:
    """Seal the faults that the page shows."""
    return vault.seal(_packed([asdict(fault) for fault in faults]), REPORT_COLUMN)


def open_report(vault: Vault, sealed: bytes) -> list[CellFault]:
    """Open the faults of a batch."""
    return [CellFault(**fault) for fault in _unpacked(vault.open(sealed, REPORT_COLUMN))]


def rows_digest(vault: Vault, rows: Rows) -> bytes:
    """By this the same sheet is recognised, whichever format it has."""
    return vault.digest("import_batch.rows", _json([[*row] for row in rows if any(row)]))


def _packed(content: Any) -> str:
    return base64.b85encode(zlib.compress(_json(content).encode(), 3)).decode()


def _unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b85decode(text)))


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
