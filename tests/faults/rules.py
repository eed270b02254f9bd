"""What is right for a cell: derived from the table of exit codes, not from what the program happens to do.

An end with 0 is right if the command printed, wrote and changed what it does on a server that is well, whatever was in
between. Any other end must have a code that stands for what went wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from faults.network import ONCE

if TYPE_CHECKING:
    from faults.cells import Case, Played
    from faults.exchange import Kind
    from faults.scenarios import Scenario

# Of a read; and the longest wait between two, in seconds: Retry-After says 7 here.
ATTEMPTS: Final = 4
BETWEEN_S: Final = 8.0
OUTAGE_S: Final = 300.0
# Looks at what a lost answer has left.
SETTLING_S: Final = 15.0
NOT_REACHED, SERVER, ACCESS, NOT_FOUND, REFUSED = 6, 7, 4, 5, 8
# By column of the table, else by kind.
CODES: Final = {
    "connect": {NOT_REACHED},
    "TLS": {NOT_REACHED},
    "reset": {NOT_REACHED},
    "silence": {NOT_REACHED},
    "drip": {NOT_REACHED},
    "no HTTP": {SERVER},
    "cut": {SERVER},
    "401 403": {ACCESS},
    "404": {SERVER},
    "413 415": {REFUSED},
    "408 429": {SERVER},
    "5xx": {SERVER},
    "redirect": {SERVER},
    "wrong JSON": {SERVER},
    "no JSON": {SERVER},
    "bomb": {SERVER},
}
# What may be over a moment later, so that a read that meets it once is read again.
PASSING: Final = frozenset({"connect", "reset", "silence", "drip", "408 429"})
PASSING_KINDS: Final = frozenset({"cut body", "length too long", "502", "503", "503 after"})
# An address that never answered is most often wrong: reads of it are not repeated for long.
SLOW: Final = frozenset({"silence", "drip"})
TOO_LONG: Final = frozenset({"429 a day"})


def is_passing(kind: Kind) -> bool:
    """Return whether a kind may be over a moment later."""
    return kind.name not in TOO_LONG and (kind.column in PASSING or kind.name in PASSING_KINDS)


def must_recover(case: Case) -> bool:
    """Return whether a command must succeed completely: a read met the fault once."""
    assert case.kind is not None
    assert case.step is not None
    if case.lasting != ONCE or case.step.is_write or not is_passing(case.kind):
        return False
    if case.scenario.streams and case.kind.needs_body:
        return False  # a part of it is printed already
    # `doctor` makes more than one session, and each has a first contact.
    first = case.first or case.scenario.path == ("doctor",)
    return not (case.kind.column in SLOW and first)


def codes(case: Case) -> set[int]:
    """Return the exit codes, beside 0, that are correct for the fault."""
    assert case.kind is not None
    return CODES.get(case.kind.name) or CODES[case.kind.column]


# Read-only mode adds to a load; the head of a log only names its run.
OPTIONAL: Final = ("/read-only-mode", "/logs", "/post-processing/N")
NOTED: Final = (
    *("continuing without", "the server computes them again", "from the page of the server"),
    *("the list shows no size or content", "the page has no link", "is not shown: "),
    "can be set\tunknown: ",
)


def is_optional(scenario: Scenario, route: str) -> bool:
    """Return whether a command has a result without this route."""
    return route.endswith((*OPTIONAL, *scenario.optional))


# A file, a log, a page: nothing in them tells that something is missing at their end, or that they are another's.
OPAQUE: Final = ("/logs", "/parameter/download")
ONTOLOGY: Final = ("/ontology/", "/saved-ontology-usages", "/saved-documentation/")
ONTOLOGY_ANSWERS: Final = frozenset({"{}", "null", "a text"})
# Answers with 200: a change that they do not show was dropped, as far as anybody can see.
SUCCESSES: Final = frozenset({"wrong JSON", "no JSON"})


def further(case: Case) -> set[int]:
    """Return further exit codes of a command for a kind."""
    assert case.kind is not None
    result: set[int] = set()
    if case.kind.name in {"length too short", "a deep key"} and case.scenario.path[0] in {"auth", "doctor"}:
        result.add(ACCESS)  # 403, without the text that says that it is about a study that cannot be
    if case.scenario.watches:
        result.add(NOT_REACHED)  # an outage that is longer than allowed
    if case.kind.name == "{}":
        result.add(ACCESS)  # what a load answers to whoever may not see parameters
    if case.kind.name == "415":
        result.add(SERVER)  # what an upload answers on servers that cannot take any
    if case.scenario.collects:
        result.add(SERVER)  # several things at once, one of which failed
    if case.scenario.changes and (case.kind.column in SUCCESSES or case.kind.name == "length too short"):
        result.add(REFUSED)  # what was read back is not what was sent
    return result


def cannot_be_told(case: Case, played: Played) -> bool:
    """Return whether the answer cannot be distinguished from a good one."""
    assert case.kind is not None
    assert case.step is not None
    passed_on = case.scenario.path == ("postproc", "load") and case.kind.needs_json
    number = case.step.route.endswith("/copy") and case.kind.name == "length too short"
    asks_for_rights = case.scenario.path in {("doctor",), ("param", "show")}
    form = asks_for_rights and case.step.is_write and case.kind.name in {"415", "403"}
    no_route = case.step.route.endswith("/read-only-mode") and case.kind.name == "404"
    meaning = case.kind.name in ONTOLOGY_ANSWERS and any(part in case.step.route for part in ONTOLOGY)
    if passed_on or number or form or no_route or meaning:
        # JSON all the same; a shorter number; what servers that take no files answer, or have no such route; without
        # a service, before a run, and as documentation.
        return True
    if case.kind.name in {"{}", "other keys"} and case.scenario.path[0] == "postproc" and not case.step.is_write:
        return True  # so a study answers that has no charts
    if case.scenario.words.startswith("api "):
        return case.kind.column in SUCCESSES or case.kind.name == "length too short"
    if case.step.method == "HEAD" and case.kind.name.startswith("500"):
        return True  # so the server says, without a body, that a study never ran
    if case.kind.name == "a huge key" and "/calculation/" in case.step.route:
        return True  # what is not known in a status is passed over
    opaque = case.kind.name in {"length too short", "garbage"}
    return opaque and any(step.route.endswith(OPAQUE) for step in played.network.hit_steps)


def goes_on(case: Case, played: Played) -> bool:
    """Return whether only an optional part of the result failed, and the failure was reported."""
    assert case.step is not None
    # In JSON the note is not shown; the result says there what its source was.
    shown = played.outcome.out + played.outcome.err
    is_noted = case.as_json or any(note in shown for note in NOTED)
    return is_optional(case.scenario, case.step.route) and is_noted


def may_repeat(case: Case, played: Played) -> int:
    """Return how often a change may be sent again."""
    assert case.kind is not None
    if case.scenario.path == ("calc", "sweep") and not case.kind.done:
        # An outage does not end a sweep: what did not reach the server is sent again.
        return sum(step.is_write for step in played.network.hit_steps)
    if case.kind.name.startswith("401"):
        return 1  # with the other form of the key: whoever answers so has not looked at the request
    return int(case.scenario.changes and (case.kind.column in SUCCESSES or case.kind.name == "length too short"))


def most_s(case: Case, played: Played, well: Played) -> float:
    """Return how long a command may take, in seconds of its own clock, beside what it takes on a server that is well.

    A silent server costs its read time limit for each attempt, a dripping one at most two; between attempts are
    seconds, or what Retry-After says. Whoever watches a run rides out ``OUTAGE_S``.
    """
    assert case.kind is not None
    limits = {
        f"{hit.request.method} {hit.request.url} {hit.request.content!r}": hit.limit_s for hit in played.network.hits
    }
    each = {"silence": 1.0, "drip": 2.0}.get(case.kind.column, 0.0)
    asked_s = sum(ATTEMPTS * (each * limit_s + BETWEEN_S) for limit_s in limits.values())
    watching_s = 2 * OUTAGE_S if case.scenario.watches else 0.0
    return well.took_s + asked_s + watching_s + SETTLING_S
