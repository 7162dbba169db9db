"""The document describes every address, and the real answers match it."""

import re
from typing import Any

import pytest

from tests.factories.api import Hall, a_key
from tests.house.sources import ROOT

# The document is the same on every engine.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def document(hall: Hall) -> dict[str, Any]:
    answer = hall.passer_by().get("/openapi.json")
    assert answer.status_code == 200 and answer.content_type == "application/json"
    told: dict[str, Any] = answer.json
    return told


def operations(document):
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def refs(told):
    if isinstance(told, list):
        for one in told:
            yield from refs(one)
    if isinstance(told, dict):
        if isinstance(told.get("$ref"), str):
            yield told["$ref"]
        for one in told.values():
            yield from refs(one)


def found(document, ref):
    at = document
    for name in ref.removeprefix("#/").split("/"):
        at = at[name]
    return at


def test_the_document_has_the_parts_that_openapi_3_1_asks_for(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] and document["info"]["version"] == "1"
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["responses"], (path, method)
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status)
            response = found(document, response["$ref"]) if "$ref" in response else response
            assert response["description"]
        described = [p["name"] for p in document["paths"][path].get("parameters", [])]
        assert re.findall(r"\{(\w+)\}", path) == described
    for scheme in (s for _, _, o in operations(document) for one in o["security"] for s in one):
        assert scheme in document["components"]["securitySchemes"]


def test_every_reference_leads_somewhere(document):
    wanted = list(refs(document))
    assert len(wanted) > 50
    for ref in wanted:
        assert found(document, ref), ref


def test_the_document_needs_nothing_from_elsewhere(hall, document):
    assert "://" not in hall.passer_by().get("/openapi.json").text


def test_every_address_is_described_and_nothing_else(hall, document):
    real = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in hall.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert real == {(path, method) for path, method, _ in operations(document)}


def test_the_guide_names_every_address(document):
    guide = (ROOT / "docs" / "api.md").read_text("utf-8")
    told = set(re.findall(r"(GET|POST) (/api/v1/[\w/{}-]+)", guide))
    assert told == {(method.upper(), path) for path, method, _ in operations(document)}


def test_whatever_is_filed_needs_a_name_and_a_token(document):
    filing = [
        operation
        for path, method, operation in operations(document)
        if method == "post" and "/me/" in path
    ]
    assert len(filing) == 2
    for operation in filing:
        assert operation["security"] == [{"token": []}]
        [key] = [found(document, one["$ref"]) for one in operation["parameters"]]
        assert (key["name"], key["in"], key["required"]) == ("Idempotency-Key", "header", True)
        assert "Idempotency-Replayed" in operation["responses"]["201"]["headers"]


def faults(document, schema, value, path="$"):
    """Check a value against the part of JSON Schema that the document uses."""
    if "$ref" in schema:
        yield from faults(document, found(document, schema["$ref"]), value, path)
        return
    if "anyOf" in schema or "oneOf" in schema:
        choices = schema.get("anyOf") or schema["oneOf"]
        if all(list(faults(document, one, value, path)) for one in choices):
            yield f"{path} fits none of the choices"
        return
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
        "null": type(None),
    }  # fmt: skip
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(type(value) is kinds[one] for one in wanted):
        yield f"{path} is {value!r}, wanted {wanted}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path} is {value!r}, not one of {schema['enum']}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{path} is {value!r}"
    for one in schema.get("allOf", []):
        yield from faults(document, one, value, path)
    if isinstance(value, dict) and "properties" in schema:
        for name in set(schema.get("required", [])) - set(value):
            yield f"{path}.{name} is missing"
        for name in set(value) - set(schema["properties"]):
            yield f"{path}.{name} is not described"
        for name, inner in schema["properties"].items():
            if name in value:
                yield from faults(document, inner, value[name], f"{path}.{name}")
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from faults(document, schema["items"], one, f"{path}[{number}]")


def answers(hall, machine):
    """Real answers of every kind, with their address."""
    key = a_key()
    yield "/shelf", "get", machine.get("/shelf")
    yield "/sign-in", "post", machine.sign_in()
    yield "/sign-in", "post", machine.sign_in("wrong one")
    yield "/me/claims", "post", machine.post("/me/claims", hall.rice(), key=key)
    yield "/me/claims", "post", machine.post("/me/claims", hall.rice(), key=key)
    yield "/me/claims", "post", machine.post("/me/claims", hall.rice(5), key=key)
    machine.post("/me/claims", hall.rice(9))
    yield "/me/claims", "post", machine.post("/me/claims", hall.rice(9))
    yield "/me/deposits", "post", machine.post("/me/deposits", hall.rice())
    yield "/me/deposits", "post", machine.post("/me/deposits", {})
    for path in ("/me/may-take", "/me/passbook", "/me/claims", "/me/deposits"):
        yield path, "get", machine.get(path)
    [newest, *_] = machine.get("/me/claims").json["claims"]
    yield "/me/claims/{claim_id}", "get", machine.get(f"/me/claims/{newest['claim_id']}")
    yield "/me/claims/{claim_id}", "get", machine.get("/me/claims/1")


def test_what_is_answered_is_what_is_described(hall, machine, document):
    for path, method, answer in answers(hall, machine):
        responses = document["paths"][f"/api/v1{path}"][method]["responses"]
        response = responses.get(str(answer.status_code), responses["default"])
        response = found(document, response["$ref"]) if "$ref" in response else response
        [(kind, content)] = response["content"].items()
        assert answer.content_type == kind, (path, answer.status_code)
        assert list(faults(document, content["schema"], answer.json)) == [], path


def test_the_check_itself_finds_what_is_wrong(document):
    schema = {"$ref": "#/components/schemas/Reason"}
    good = {"code": "X", "facts": {}, "message": "x"}
    assert list(faults(document, schema, good)) == []
    for bad in (good | {"code": 1}, {"code": "X", "facts": {}}, good | {"more": 1}, [], None):
        assert list(faults(document, schema, bad)), bad
    assert list(faults(document, {"$ref": "#/components/schemas/Store"}, {"store_id": 7}))
