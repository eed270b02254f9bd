"""Draw faults for the next requests, as networks and servers produce them. A client can detect each of them."""

from __future__ import annotations

from fuzz.workspace import Later
from hypothesis import strategies as st

from server_stub.faults import Fault

PATHS = {
    "parameters$": "POST",
    "download$": "POST",
    "execute": "POST",
    "copy$": "POST",
    "study-case/[0-9]+(/[0-9]+)?$": "GET",
    "status": "GET",
    "read-only": "GET",
    "logs$": "GET",
    "": None,
}
# A proxy's and the server's own; those that say no are told before anything is done.
REFUSING = (400, 401, 403, 404, 429)
FAILING = (500, 502, 503, 504)
PAGES = ("<html>Login</html>", "", "null", "[]", "{}", '{"a": ', '"text"')
COUNTS = st.sampled_from([1, 1, 1, 2, 3, 4, 8, 90])


@st.composite
def fault(draw: st.DrawFn) -> Fault:
    """Draw a fault."""
    path = draw(st.sampled_from([*sorted(PATHS), *["parameters$"] * 6]))
    kind = draw(
        st.sampled_from(["status", "status", "drop", "drop", "cut", "cut", "drop_update", "hang", "slow", "body"])
    )
    when = draw(st.sampled_from(["before", "after"]))
    statuses = FAILING if when == "after" else REFUSING + FAILING
    headers = draw(st.sampled_from([{}, {}, {"Retry-After": "2"}, {"Retry-After": "600"}]))
    if kind == "drop_update":
        path = "parameters$"
    made = draw(st.sampled_from([Fault, Fault, Later]))
    return made(
        kind,
        count=draw(COUNTS),
        method=PATHS[path],
        path=path,
        status=draw(st.sampled_from(statuses)),
        # An empty object is what a load gives of a study without parameters: a lie that nothing shows elsewhere.
        body=draw(st.sampled_from(PAGES)) if kind == "body" else None,
        content_type=draw(st.sampled_from(["text/html", "application/json"])) if kind == "body" else None,
        headers=headers if kind == "status" else {},
        seconds=draw(st.sampled_from([0.5, 5.0, 45.0, 90.0])),
        when=when,
    )


FAULTS = st.just([]) | st.lists(fault(), min_size=1, max_size=2)
