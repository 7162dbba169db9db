"""List the components that a running program consists of, with licences: ``make sbom``.

``cyclonedx-py`` reads the installed packages. Kept are those of ``run.txt`` and the files that were
taken from elsewhere (``web/static/vendor.toml``); dropped is what a machine or a registry left in
their metadata. The list is committed: whoever buys or audits the program reads it without
installing anything, and a changed licence shows in the review of the change.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "requirements" / "components.cdx.json"
LOCK, WANTED = ROOT / "requirements" / "run.txt", ROOT / "requirements" / "run.in"
VENDORED = ROOT / "web" / "static" / "vendor.toml"

# A licence is added here by a person who has read it. All of them allow use beside Apache-2.0.
# The LGPL ones bind whoever changes the library itself; it is installed beside us, unchanged.
# MPL-2.0 asks for the source of changed files only, and certifi is used as it is.
ALLOWED = frozenset({
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only",
    "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "ZPL-2.1", "Zlib",
})  # fmt: skip
# Metadata that names no SPDX licence. Each was read in the licence file of this very version: a
# new version must be read again.
READ = {
    "babel==2.18.0": "BSD-3-Clause",
    "certifi==2026.10.19.post1": "MPL-2.0",
    "colorama==0.4.6": "BSD-3-Clause",  # Only installed on Windows.
    "flask-babel==4.0.0": "BSD-3-Clause",
    "flask-wtf==1.3.0": "BSD-3-Clause",
    "itsdangerous==2.2.0": "BSD-3-Clause",
    "jinja2==3.1.6": "BSD-3-Clause",
    "pysqlite3==0.6.1": "Zlib",
    "python-stdnum==2.2": "LGPL-2.1-or-later",
    "qrcode==8.2": "BSD-3-Clause AND MIT",
    "requests==2.34.2": "Apache-2.0",
    "requests-oauthlib==2.0.0": "ISC",
    "waitress==3.0.2": "ZPL-2.1",
    "wtforms==3.3.2": "BSD-3-Clause",
}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
Component = dict[str, Any]


def pins(text: str) -> dict[str, str]:
    """The packages of a lock: normalised name and version."""
    return {_normal(name): version for name, version in _PIN.findall(text)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def build(lock: str) -> dict[str, Any]:
    """Build the list from the packages of this environment and the vendored files."""
    told = _installed()
    locked = pins(lock)
    refs = {one["bom-ref"]: _normal(one["name"]) for one in told["components"]}
    licences = {
        f"{_normal(one['name'])}=={one['version']}": _licence(one) for one in told["components"]
    }
    components = [_python(name, version, licences) for name, version in sorted(locked.items())]
    needs = {
        refs[row["ref"]]: sorted({refs[ref] for ref in row.get("dependsOn", ())} & set(locked))
        for row in told["dependencies"]
        if refs.get(row["ref"]) in locked
    }
    vendored = list(_vendored())
    root = sorted(pins(WANTED.read_text("utf-8")))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _ourselves()},
        "components": components + vendored,
        "dependencies": [
            _needs("timebank", [*root, *(one["bom-ref"] for one in vendored)]),
            *(_needs(name, needs.get(name, [])) for name in sorted(locked)),
        ],
    }


def _installed() -> dict[str, Any]:
    words = ["environment", "--output-reproducible", "--short-PURLs", "--sv", "1.6"]
    run = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", *words, sys.executable],
        capture_output=True, check=True, cwd=ROOT,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def _licence(component: Component) -> str:
    """The one SPDX licence that the metadata of a package declares; empty if it is not clear."""
    told = component.get("licenses", [])
    found = [one.get("expression") or one["license"].get("id", "") for one in told]
    return found[0] if len(found) == 1 else ""


def _python(name: str, version: str, licences: dict[str, str]) -> Component:
    pin = f"{name}=={version}"
    return _component(
        name, version, purl=f"pkg:pypi/{name}@{version}", licence=READ.get(pin, licences.get(pin))
    )


def _vendored() -> Iterator[Component]:
    files = tomllib.loads(VENDORED.read_text("utf-8"))["file"]
    for name, version, licence in sorted({(f["name"], f["version"], f["licence"]) for f in files}):
        yield _component(name, version, purl=f"pkg:npm/{name}@{version}", licence=licence)


def _component(name: str, version: str, *, purl: str, licence: str | None) -> Component:
    told = {"bom-ref": name, "type": "library", "name": name, "version": version, "purl": purl}
    return told | ({"licenses": [{"expression": licence}]} if licence else {})


def _ourselves() -> Component:
    version = re.search(r'__version__ = "(.+)"', (ROOT / "timebank/__init__.py").read_text("utf-8"))
    assert version is not None, "timebank/__init__.py names its version"
    licence = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["license"]
    return {
        "bom-ref": "timebank", "type": "application", "name": "timebank", "version": version[1],
        "licenses": [{"expression": licence}],
    }  # fmt: skip


def _needs(name: str, others: list[str]) -> Component:
    return {"ref": name, "dependsOn": others}


def faults(bom: dict[str, Any], lock: str) -> Iterator[str]:
    """Say what is wrong with a list: missing components, other versions, licences, addresses."""
    listed = {one["name"]: one for one in bom["components"]}
    for name, version in pins(lock).items():
        if name not in listed:
            yield f"{name} is in the lock and not in the list"
        elif listed[name]["version"] != version:
            yield f"{name} is {listed[name]['version']} in the list and {version} in the lock"
    for name in sorted(listed):
        yield from _licence_faults(listed[name])
    for text in _texts({**bom, "$schema": ""}):
        if "://" in text or text.startswith(("/", "file:")) or ":\\" in text:
            yield f"{text} is an address or a path"


def _licence_faults(component: Component) -> Iterator[str]:
    name = f"{component['name']} {component['version']}"
    licence = " ".join(one["expression"] for one in component.get("licenses", []))
    if not licence:
        yield f"{name} declares no clear licence: read its licence file and add it to READ"
    elif not is_allowed(licence):
        yield f"{name} has the licence {licence}: read it and add it to ALLOWED, or go without"


def is_allowed(expression: str) -> bool:
    """Tell whether one of the licences that are offered (OR) is allowed, with all its parts."""
    offers = expression.replace("(", "").replace(")", "").split(" OR ")
    if len(offers) > 1 and " AND " in expression:
        return False  # A person must read it.
    return any(ALLOWED.issuperset(offer.split(" AND ")) for offer in offers)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def as_text(bom: dict[str, Any]) -> str:
    """The bytes of the file: the same list gives the same text."""
    return json.dumps(bom, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    lock = LOCK.read_text("utf-8")
    bom = build(lock)
    found = list(faults(bom, lock))
    if found:
        sys.stderr.write("".join(f"✗ {fault}\n" for fault in found))
        return 1
    LIST.write_text(as_text(bom), "utf-8")
    sys.stdout.write(
        f"✓ {len(bom['components'])} components with licences: {LIST.relative_to(ROOT)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
