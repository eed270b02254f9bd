"""Answer the ontology routes in place of the stub, as a test wants them."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

BLANK = dict.fromkeys(
    (
        "ACLTag",
        "dataframe_descriptor",
        "datatype",
        "definition",
        "definition_source",
        "possible_values",
        "range",
        "unit",
    ),
    " ",
)
ROUTES = re.compile(
    r"/api/v0/(?:(?P<live>ontology/ontology-usages)|ontology/(?P<name>[^/]+)/markdown_documentation"
    r"|study-case/\d+/(?:(?P<saved>saved-ontology-usages)|saved-documentation/(?P<module>[^/]+)))"
)


def usage(name: str, **fields: str) -> dict[str, str]:
    """Return an entry as the service writes it, with blank fields where none are given."""
    return {**BLANK, "id": name, "label": name, **fields}


@dataclass
class OntologyAnswers(httpx.BaseTransport):
    """A transport that answers for the ontology, and passes all other requests on.

    ``saved`` is the answer of the saved metadata. ``service`` are the entries of the live service, by part and name,
    ``None`` without a service. ``documents`` are those of the service, ``saved_documents`` those of the last run.
    ``fault`` is raised instead of a live answer. ``asked`` are the routes of the ontology that were requested.
    """

    below: httpx.BaseTransport
    saved: Any = None
    service: Mapping[str, Mapping[str, Any]] | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    saved_documents: Mapping[str, str | None] | None = None
    fault: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the ontology, or pass it on."""
        match = ROUTES.fullmatch(request.url.path)
        if match is None:
            return self.below.handle_request(request)
        self.asked.append(request.url.path.removeprefix("/api/v0/"))
        if match["saved"]:
            return _zipped(self.saved)
        if match["module"]:
            saved = self.saved_documents
            return _zipped(None if saved is None else saved.get(match["module"]))
        if self.fault is not None:
            raise self.fault
        if self.service is None:
            return httpx.Response(200, json={})
        if match["name"]:
            return httpx.Response(200, json=self.documents.get(match["name"], ""))
        asked = json.loads(request.read())["ontology_request"]
        return httpx.Response(
            200,
            json={
                part: {name: self.service.get(part, {}).get(name, _unknown(part, name)) for name in names}
                for part, names in asked.items()
            },
        )


def _unknown(part: str, name: str) -> dict[str, str]:
    return {"id": name, "label": name} if part == "disciplines" else {"id": name}


def _zipped(payload: Any) -> httpx.Response:
    body = gzip.compress(json.dumps(payload).encode())
    return httpx.Response(200, content=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
