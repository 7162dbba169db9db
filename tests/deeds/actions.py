"""Every action of the house, and the receipts that older versions stored."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.house.sources import sources
from timebank.deeds.action import name_of

Action = Callable[..., Any]

# By the name of the action, what older versions stored. Add the receipt of today before you
# change one; never take one out, and never change one: communities have them in their books.
RECEIPTS: dict[str, list[Any]] = json.loads(
    (Path(__file__).parent / "receipts.json").read_text("utf-8")
)


def every_action() -> list[tuple[str, Action]]:
    """List each action with its name, one entry for each definition."""
    found: dict[str, Action] = {}
    for source in sources("timebank"):
        if "\n@action(" in source.text:
            module = importlib.import_module(source.module)
            for value in vars(module).values():
                if getattr(value, "action_name", None) and value.__module__ == source.module:
                    found[f"{source.module}.{value.__qualname__}"] = value
    return [(name_of(action), action) for action in found.values()]
