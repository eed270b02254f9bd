"""Define the rules for every end of a command. Each rule returns a description of its violation, or nothing."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Final

from faults import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faults.cells import Case, Played

LONGEST_ERROR: Final = 3000
FIELDS: Final = frozenset({"error", "code", "kind", "study", "hint", "server"})
# What a command says where it cannot know, or knows of a part.
IN_DOUBT: Final = re.compile(
    r"may have|cannot be told|could not be (?:read|put) back|a part of|in doubt|not known|holds something else|"
    r"was (?:made|created), but|is a copy|does not have the values|set and verified|may now be FAILED|own values|"
    r"the run goes on|run continues|could not be read|cannot read|no answer|last known state|"
    r"in part|does not hold|may be FAILED|original values|it may have been|no contact|"
    r"on the server goes on"
)
MADE: Final = re.compile(r"the (?:change was made|run has started) despite the error")
NOT_MADE: Final = re.compile(
    r"change was not made|no run of study (\d+) has started|nothing was (?:sent|changed|copied)"
)
READ_WITHIN_BYTES: Final = 4 * 1024 * 1024
OPAQUE: Final = re.compile(r"^(?:api |study logs )")


def wrong(case: Case, played: Played, well: Played) -> list[str]:
    """Return all violations of a case. ``well`` is the result of the same command without a fault."""
    if played.never_ends:
        return ["listens for ever"]
    return [text for rule in RULES for text in rule(case, played, well)]


def _code(case: Case, played: Played, well: Played) -> Iterator[str]:
    code, allowed = played.outcome.code, rules.codes(case)
    if code == 0:
        if not _same(case, played, well) and not (rules.cannot_be_told(case, played) or rules.goes_on(case, played)):
            yield f"exit 0 with another result: {played.outcome.out[:200]!r} not {well.outcome.out[:200]!r}"
    elif rules.must_recover(case):
        yield f"exit {code} where a read met it once"
    elif code not in allowed | rules.further(case) and not rules.cannot_be_told(case, played):
        yield f"exit {code}, not one of {sorted(allowed | rules.further(case))}"


def _same(case: Case, played: Played, well: Played) -> bool:
    normalize = case.scenario.visible
    return (
        normalize(played.outcome.out) == normalize(well.outcome.out)
        and played.state == well.state
        and set(played.files) == set(well.files)
    )


def _error(case: Case, played: Played, well: Played) -> Iterator[str]:
    code, err = played.outcome.code, played.outcome.err
    if "Traceback" in err or "a bug in sostrades" in err or code == 1:
        yield "a traceback, or a bug"
    # The object of a summary repeats each failure among its causes.
    if len(err) > LONGEST_ERROR * (2 if case.as_json else 1):
        yield f"{len(err)} letters on standard error"
    if case.as_json:
        yield from _object(err, code)
    elif sum(line.startswith("error: ") for line in err.splitlines()) != (1 if code else 0):
        yield "not exactly one error"


def _object(err: str, code: int) -> Iterator[str]:
    """Check that standard error has at most one JSON object and nothing else."""
    try:
        result = [json.loads(line) for line in err.splitlines()]
    except ValueError:
        yield "standard error is not JSON"
        return
    if len(result) != (1 if code else 0):
        yield f"{len(result)} objects on standard error"
    for item in result:
        if not isinstance(item, dict) or item.get("code") != code or not set(item) >= FIELDS or "\n" in item["error"]:
            yield "the error object has not its shape"


def _key(_case: Case, played: Played, _well: Played) -> Iterator[str]:
    encoded = base64.b64encode(played.key.encode()).decode()
    parts = {played.key[:16], played.key[16:], encoded[:22], encoded[22:]}
    texts = {"out": played.outcome.out, "err": played.outcome.err}
    for name, text in texts.items():
        if any(part in text for part in parts):
            yield f"the key in {name}"
    if any(part.encode() in played.everything for part in parts):
        yield "the key in a file"


def _files(case: Case, played: Played, well: Played) -> Iterator[str]:
    if played.left_over:
        yield f"left over: {', '.join(played.left_over)}"
    for name, content in played.files.items():
        if _is_log(name) or rules.cannot_be_told(case, played) or rules.goes_on(case, played):
            continue
        if name not in well.files:
            yield f"a file that should not be: {name}"
        elif case.scenario.visible(content.decode()) != case.scenario.visible(well.files[name].decode()):
            yield f"another content in {name}"


def _is_log(name: str) -> bool:
    """Return whether a file is a log, which is written in any case."""
    return (
        name.endswith(("manifest.json", "sweep.jsonl", "results.csv", "ended.csv", "parameters.toml"))
        or "/.unfinished/" in name
    )


def _writes(case: Case, played: Played, well: Played) -> Iterator[str]:
    for write, count in played.network.writes.items():
        most = max(well.network.writes[write], 1) + rules.may_repeat(case, played)
        if count > most:
            yield f"sent {count} times: {write[:60]}"
    if played.network.strangers:
        yield f"a request to {played.network.strangers[0]}"


def _claims(case: Case, played: Played, well: Played) -> Iterator[str]:
    """Compare the claims about a change with the state of the server."""
    if not any(step.is_write for step in played.network.steps):
        if played.state != played.before and not case.scenario.runs:
            yield "the state changed and nothing was sent"
        return
    stderr, code = played.outcome.err, played.outcome.code
    changed = played.state != played.before
    if code and changed and not (IN_DOUBT.search(stderr) or case.scenario.runs):
        yield f"changed, and not told: {stderr[-300:]!r}"
    if _is_denied(played) and not IN_DOUBT.search(stderr):
        yield f"changed, and told it is not: {stderr[-300:]!r}"
    if not changed and MADE.search(stderr):
        yield f"not changed, and told it is: {stderr[-300:]!r}"


def _is_denied(played: Played) -> bool:
    """Return whether a change of a study, or of any one, is called not made although the server has it."""
    lines = zip(played.before.splitlines(), played.state.splitlines(), strict=False)
    changed = {new.partition(" ")[0] for old, new in lines if old != new}
    return any(
        match[1] in changed if match[1] else played.state != played.before
        for match in NOT_MADE.finditer(played.outcome.err)
    )


def _time(case: Case, played: Played, well: Played) -> Iterator[str]:
    most = rules.most_s(case, played, well)
    if played.took_s > most:
        yield f"took {played.took_s:.0f} s, not {most:.0f} at most"


def _memory(case: Case, played: Played, _well: Played) -> Iterator[str]:
    taken = max((hit.taken for hit in played.network.hits), default=0)
    if taken > READ_WITHIN_BYTES and not OPAQUE.match(case.scenario.words):
        yield f"{taken} bytes were read of what is nothing"


RULES: Final[tuple[Callable[[Case, Played, Played], Iterator[str]], ...]] = (
    _code,
    _error,
    _key,
    _files,
    _writes,
    _claims,
    _time,
    _memory,
)
