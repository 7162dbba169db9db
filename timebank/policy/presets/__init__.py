"""The published presets, one TOML file each, and a reader for them.

A preset is data: dated parameters with their source, and for each programme a rule with the golden
cases that it must pass. ``actions`` loads one into a community. A preset that ``extends`` another
names only what is its own; ``read_preset`` gives it whole.
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
    parameter: tuple[PresetParameter, ...] = ()
    programme: tuple[PresetProgramme, ...] = ()
    extends: str = ""
    leaves_out: tuple[str, ...] = ()


def preset_codes() -> list[str]:
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )


@cache
def read_preset(code: str) -> Preset:
    """Read one of the presets that come with the program, with what it takes from another.

    **Refuses**: ``NotFound``.
    """
    if code not in preset_codes():
        raise NotFound(what="preset")
    text = files(__name__).joinpath(f"{code}.toml").read_text("utf-8")
    own = msgspec.convert(tomllib.loads(text), Preset)
    return _with_base(own, read_preset(own.extends)) if own.extends else own


def _with_base(own: Preset, base: Preset) -> Preset:
    """Add what the base sets and the preset neither sets itself nor leaves out."""
    named = {parameter.key: parameter for parameter in own.parameter}
    unknown = (named.keys() | set(own.leaves_out)) - {parameter.key for parameter in base.parameter}
    if unknown:
        raise ValueError(f"preset {own.code}: {own.extends} does not set {sorted(unknown)}")
    parameters = tuple(
        named.get(parameter.key, parameter)
        for parameter in base.parameter
        if parameter.key not in own.leaves_out
    )
    programmes = own.programme or base.programme
    return msgspec.structs.replace(own, parameter=parameters, programme=programmes)
