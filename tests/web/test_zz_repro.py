import pytest, json, re
from tests.factories.hall import NOBODY, address, pages, token

D = ("9" * 400, "9" * 5000, "-" + "9" * 400, "9" * 25, "0" * 400, "1" + "0" * 400 + ".5")
H = (
    "Content-Length",
    "Range",
    "If-None-Match",
    "If-Modified-Since",
    "X-Kiosk-Device",
    "X-Kiosk-Nonce",
    "X-Kiosk-Signature",
    "X-Kiosk-Known",
    "Authorization",
    "Accept-Language",
    "Accept-Encoding",
    "Cookie",
    "Origin",
    "Referer",
    "Idempotency-Key",
    "Content-Type",
    "Accept",
)


@pytest.mark.parametrize("name", ["coordinator"])
def test_digits(hall, name):
    client = hall.enter(name)
    ids = hall.ids_of(hall.ours)
    for rule in pages(hall):
        for d in D:
            path = re.sub(r"<(?:[^>:]+:)?(\w+)>", lambda f: d, str(rule))
            for m in ("GET", "POST"):
                if m not in rule.methods:
                    continue
                a = client.open(path, method=m)
                if a.status_code >= 500:
                    print(flush=True, *("BAD path", m, rule, d[:5], len(d), a.status_code))
            path = address(rule, ids)
            if "GET" in rule.methods and rule.arguments <= set(ids) | {"x"}:
                qs = {
                    k: d
                    for k in "q sort kind store direction case person only next deposit before until no service back on day from to page limit cursor month year as_of size start end leaf index tree item by at n v since household claim after hash code first second old new".split()
                }
                a = client.get(path, query_string=qs)
                if a.status_code >= 500:
                    print(flush=True, *("BAD query", rule, d[:5], len(d), a.status_code))
    for rule in pages(hall):
        path = address(rule, ids)
        for h in H:
            for d in D[:2]:
                for val in (
                    d,
                    "bytes=%s-" % d,
                    "bytes=0-" + d,
                    "en;q=" + d,
                    "visit=" + d + "; text=" + d,
                    "Bearer " + d,
                    'W/"%s"' % d,
                ):
                    if (
                        h
                        not in (
                            "Range",
                            "Accept-Language",
                            "Accept-Encoding",
                            "Cookie",
                            "Authorization",
                            "Accept",
                            "If-None-Match",
                            "Content-Type",
                        )
                        and val != d
                    ):
                        continue
                    m = "GET" if "GET" in rule.methods else "POST"
                    try:
                        a = client.open(path, method=m, headers={h: val})
                    except Exception as e:
                        print(flush=True, *("EXC", h, val[:10], len(val), rule, repr(e)[:80]))
                        continue
                    if a.status_code >= 500:
                        print(
                            flush=True,
                            *("BAD header", h, val[:12], len(val), m, rule, a.status_code),
                        )
