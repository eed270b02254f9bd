"""Schemathesis on the stub: what is asked, in which state of a study, and what must hold of the answers."""

from __future__ import annotations

import base64
import contextlib
import copy
import gzip
from typing import TYPE_CHECKING, Any, Final

import pytest
from contract.document import DOCUMENT, MAY_FAIL, answered_by
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.errors import ApiError
from server_stub.worlds import build_world
from server_stub.worlds.people import KEYS

pytest.importorskip("schemathesis", reason="the extra `all-tests`")

import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import APIOperation, BaseSchema, Case, Response

    from server_stub.world import World

STUDIES: Final = (11, 12, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33)
# What a copy is called, made of 21, when there is one.
COPY: Final = 34
LONGEST_WAIT_S: Final = 40
NAMES: Final = (
    "dice.Macro.gamma",
    "dice.Macro.population",
    "dice.Macro.regions",
    "dice.Macro.remark",
    "dice.max_mda_iter",
    "dice.nope",
)
# Files as people have them, with odd cells and lines that are too long.
_CELL: Final = r"[0-9.]{0,4}|nan|'x'|\[1\]|\""
CSV: Final = rf"(variable|value|years|a b)(,(value|years|q))?(\n({_CELL})(,({_CELL}|True|;))?){{0,4}}\n?"
RANGES: Final = ("bytes=0-9", "bytes=5-", "bytes=-7", "bytes=999999999-", "bytes=9-2", "lines=1-2")
DATES: Final = ("Sun, 22 Nov 2037 00:00:00 GMT", "Sun, 22 Nov 1970 00:00:00 GMT", "yesterday")
schemathesis.openapi.media_type("text/csv", st.from_regex(CSV, fullmatch=True).map(str.encode) | st.binary(max_size=20))
CHECKS: Final[list[Callable[..., bool | None]]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def schema_of(document: dict[str, Any]) -> BaseSchema:
    """Load a document; of server errors only those that are named are allowed, to those operations that have them."""
    with_500 = {"not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "500"]}}
    named = [{"include-operation-id": name, "checks": with_500} for name in MAY_FAIL]
    return schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict({"operations": named}))


def wild() -> dict[str, Any]:
    """Return the document; only that the stub would wait as long as it is told, as the server does."""
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"]["Seconds"]["maximum"] = LONGEST_WAIT_S
    return document


def aimed() -> dict[str, Any]:
    """Return the document with what is asked narrowed to what the stub has, so that requests get past its doors."""
    document = wild()
    asked = document["components"]["parameters"]
    asked["StudyId"]["schema"] = {"enum": [*STUDIES, COPY, 99999]}
    asked["Range"]["schema"] = {"enum": list(RANGES)}
    asked["IfNoneMatch"]["schema"] = {"enum": ['"1"', "*"]}
    asked["IfModifiedSince"]["schema"] = {"enum": list(DATES)}
    download = document["paths"]["/api/v0/study-case/{study_id}/parameter/download"]["post"]["requestBody"]
    for holder, name in (
        (document["components"]["schemas"]["Change"], "variableId"),
        (download["content"]["application/json"]["schema"], "parameter_key"),
    ):
        holder["properties"][name] = {"enum": list(NAMES)}
    files = document["paths"]["/api/v0/study-case/{study_id}/parameters"]["post"]["requestBody"]
    files["content"]["multipart/form-data"] = {
        "schema": {
            "type": "object",
            "minProperties": 1,
            "properties": {name: {"type": "string", "format": "binary"} for name in NAMES},
            "additionalProperties": False,
        },
        "encoding": {name: {"contentType": "text/csv"} for name in NAMES},
    }
    return document


def coded(text: str) -> str:
    """Write a token as base64."""
    return base64.b64encode(text.encode()).decode()


_TEAM: Final = KEYS["team"]
GOOD_TOKENS: Final = (_TEAM, coded(_TEAM), coded(f"{_TEAM}:owner@email.com"), *KEYS.values())
BAD_TOKENS: Final = (
    "",
    "not base64",
    _TEAM.upper(),
    coded(f"{_TEAM}:a:b"),
    coded(f"{_TEAM}:stranger@email.com"),
    coded(f"{_TEAM}:nobody@email.com"),
    coded(f"{KEYS['owner']}:viewer@email.com"),
)
ANY_TOKENS: Final = (*GOOD_TOKENS, *BAD_TOKENS, None)


def _fresh(world: World) -> None:
    """Leave everything as it is."""


def _executed(world: World) -> None:
    """Start a run of each study that can."""
    for study in STUDIES:
        with contextlib.suppress(ApiError):
            world.studies[study].execute()


def _finished(world: World) -> None:
    """Start a run of each study and let it end."""
    _executed(world)
    world.clock.sleep(100.0)


def _copied(world: World) -> None:
    """Make a copy of a study, to which nothing is written."""
    world.copy(world.caller(f"Bearer {world.key}"), world.studies[21], "dice")


PASTS: Final = (_fresh, _executed, _finished, _copied)


class Fuzzed:
    """The stub's app for one behaviour, over a world that every request finds anew."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.world = build_world("demo", server=server, clock=ManualClock())
        self.app = create_app(self.world)
        self.answers: set[tuple[str, int]] = set()
        self.wild, self.aimed = schema_of(wild()), schema_of(aimed())
        for schema in (self.wild, self.aimed):
            schema.app = self.app

    def renew(self, past: Callable[[World], None]) -> None:
        """Put the world back to its beginning, then give it a past."""
        vars(self.world).update(vars(build_world("demo", server=self.server, clock=ManualClock())))
        past(self.world)

    def ask(self, case: Case, token: str | None) -> Response:
        """Send a request and check its answer."""
        response = case.call(headers={"Authorization": f"Bearer {token}"} if token is not None else {})
        if response.headers.get("content-encoding") == ["gzip"]:
            # A client on a wire unpacks; this one, in process, does not.
            response.content = gzip.decompress(response.content)
        self.answers.add((case.operation.definition.raw["operationId"], response.status_code))
        case.validate_response(response, checks=[*CHECKS, self._check_behaviour])
        return response

    def _check_behaviour(self, _context: object, response: Response, case: Case) -> None:
        """Refuse an answer that the document keeps for other behaviours."""
        answered = answered_by(case.operation.definition.raw, response.status_code)
        assert self.server in answered, f"{response.status_code} is given by {', '.join(answered)} only"


def right(operation: APIOperation) -> st.SearchStrategy[Case]:
    """Return requests of an operation as the document allows them."""
    return operation.as_strategy(generation_mode=GenerationMode.POSITIVE)


def wrong(operation: APIOperation, **fixed: Any) -> st.SearchStrategy[Case]:
    """Return requests that it does not allow, wrong in what is not fixed; right ones where nothing can be wrong."""
    if not operation.path_parameters and not operation.body:
        return right(operation)
    return operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **fixed)


def bounded(examples: int) -> settings:
    """Return settings that always make the same examples, and as many."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
