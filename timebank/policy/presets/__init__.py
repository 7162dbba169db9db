"""The published presets, one TOML file each, and a reader for them.

A preset is data: dated parameters with their source, and for each programme a rule with the golden
cases that it must pass. ``actions`` loads one into a community.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from timebank.errors import NotFound
from timebank.policy.rules import GoldenCase


class PresetParameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    value: Any
    unit: str
    source: str
    note: str


class PresetProgramme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    rule: dict[str, Any]
    golden: tuple[GoldenCase, ...]


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name_zh: str
    name_en: str
    parameter: tuple[PresetParameter, ...]
    programme: tuple[PresetProgramme, ...]


def preset_codes() -> list[str]:
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )


@cache
def read_preset(code: str) -> Preset:
    """Read one of the presets that come with the program.

    **Refuses**: ``NotFound``.
    """
    if code not in preset_codes():
        raise NotFound(what="preset")
    text = files(__name__).joinpath(f"{code}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Preset)
