"""Routes of the ontology: what parameters and disciplines mean, and their documentation.

The live routes ask the ontology service now. The saved ones have what a finished run has kept.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from sostrades_cli.api.protocol import json_kind, unusable
from sostrades_cli.api.studies import BASE as STUDIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.api.http.session import Session
    from sostrades_cli.api.models import Json

BASE: Final = "/api/v0/ontology"
# Labels are a supplement, and the server itself waits for its service without a limit.
SERVICE_S: Final = 3.0
SEPARATOR: Final = ",\n"
# Everything else cannot be a Python module, and some of it would be another address.
MODULE: Final = r"\w+(\.\w+)*"


class Absence(Enum):
    """The reason why an answer has no data: ``{}`` means that there is no service, ``null`` that nothing was saved."""

    NO_SERVICE = "no service"
    NOT_SAVED = "not saved"


class UsageInfo(NamedTuple):
    """The entry of a parameter of a discipline; an empty text is a blank field.

    ``label`` is empty if it only repeats the name. ``range`` and ``possible_values`` are what the code declares, which
    can differ from the study.
    """

    label: str = ""
    definition: str = ""
    definition_source: str = ""
    unit: str = ""
    range: tuple[float, float] | None = None
    possible_values: tuple[str, ...] | None = None

    @property
    def is_blank(self) -> bool:
        """Return whether there is nothing for a person to read."""
        return not (self.label or self.definition or self.unit)

    @classmethod
    def from_api(cls, fields: Json) -> UsageInfo:
        """Build the information from one entry, in which all values are texts."""
        choices = _items(fields, "possible_values")
        label = _text(fields, "label")
        return cls(
            label="" if label == _text(fields, "id") else label,
            definition=_text(fields, "definition"),
            definition_source=_text(fields, "definition_source"),
            unit=_text(fields, "unit"),
            range=_range(_items(fields, "range")),
            possible_values=choices or None,
        )


class ModuleInfo(NamedTuple):
    """The entry of a Python module; ``label`` is empty if it only repeats a name.

    A module has a single entry, that of its last class.
    """

    label: str = ""
    definition: str = ""

    @classmethod
    def from_api(cls, fields: Json) -> ModuleInfo:
        """Build the information from one entry."""
        label, name = _text(fields, "label"), _text(fields, "id")
        # A class without a label of its own is shown as <file>.<Class>.
        technical = f"{name.rpartition('.')[2]}.{_text(fields, 'pythonClass')}"
        return cls("" if label in {name, technical} else label, _text(fields, "definition"))


class Metadata(NamedTuple):
    """The entries of an answer: modules by name, parameters by usage (``<module>_input_<name>``)."""

    modules: dict[str, ModuleInfo]
    usages: dict[str, UsageInfo]

    @classmethod
    def from_api(cls, payload: Mapping[str, Json], modules: Iterable[str], usages: Iterable[str]) -> Metadata:
        """Build the entries of modules and usages from an answer, which can have thousands of others.

        Raises
        ------
        UnusableAnswer
            A part is missing or is not a JSON object.

        """
        known_modules, known_usages = _entries(payload, "disciplines"), _entries(payload, "parameter_usages")
        return cls(
            {name: ModuleInfo.from_api(known_modules[name]) for name in modules if name in known_modules},
            {name: UsageInfo.from_api(known_usages[name]) for name in usages if name in known_usages},
        )


class OntologyApi:
    """Requests about meanings and documentation.

    Live requests are not retried and have a short time limit.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def live_metadata(self, modules: Iterable[str], usages: Iterable[str]) -> Metadata | Absence:
        """Return the entries of modules and usages; the service has one for each, also for an unknown name."""
        asked = {"disciplines": list(modules), "parameter_usages": list(usages)}
        if not any(asked.values()):
            # The answer would look like that of a server without a service.
            return Metadata({}, {})
        path = f"{BASE}/ontology-usages"
        reply = self._session.read("POST", path, json={"ontology_request": asked}, once_within_s=SERVICE_S)
        payload = reply.json_object()
        if not payload:
            return Absence.NO_SERVICE
        return Metadata.from_api(payload, asked["disciplines"], asked["parameter_usages"])

    def saved_metadata(self, study: int, modules: Iterable[str], usages: Iterable[str]) -> Metadata | Absence:
        """Return the entries of modules and usages that the last finished run of a study has kept."""
        path = f"{STUDIES}/{study}/saved-ontology-usages"
        payload = self._session.read("GET", path, study=study, once_within_s=SERVICE_S).json()
        if payload is None:
            return Absence.NOT_SAVED
        if not isinstance(payload, dict):
            raise unusable(f"a JSON {json_kind(payload)} instead of saved labels")
        return Metadata.from_api(payload, modules, usages) if payload else Absence.NO_SERVICE

    def live_document(self, name: str) -> str | Absence:
        """Return the Markdown of a module or a process; empty if the ontology has none."""
        if not re.fullmatch(MODULE, name):
            return ""
        path = f"{BASE}/{quote(name, safe='')}/markdown_documentation"
        return _markdown(self._session.read("GET", path, once_within_s=SERVICE_S).json())

    def saved_document(self, study: int, module: str) -> str | Absence:
        """Return the Markdown of a module that the last finished run has kept; empty if there was none."""
        if not re.fullmatch(MODULE, module):
            return ""
        path = f"{STUDIES}/{study}/saved-documentation/{quote(module, safe='')}"
        return _markdown(self._session.read("GET", path, study=study, purpose=f"Reading {module}").json())


def _markdown(payload: Json) -> str | Absence:
    if payload is None:
        return Absence.NOT_SAVED
    if payload == {}:
        return Absence.NO_SERVICE
    if not isinstance(payload, str):
        raise unusable(f"a JSON {json_kind(payload)} instead of documentation")
    return payload if payload.strip() else ""


def _entries(payload: Mapping[str, Json], part: str) -> dict[str, Json]:
    entries = payload.get(part)
    if not isinstance(entries, dict) or not all(isinstance(fields, dict) for fields in entries.values()):
        raise unusable(f"labels without an object of {part}")
    return entries


def _text(fields: Mapping[str, Json], name: str) -> str:
    """Return a field without its margin; unset fields are a blank, empty ones an empty text."""
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _items(fields: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return the items of a list, which is a text with an item per line; an item can be empty."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        return ()
    return tuple(item.strip() for item in value.split(SEPARATOR))


def _range(ends: tuple[str, ...]) -> tuple[float, float] | None:
    try:
        low, high = map(float, ends)
    except ValueError:  # not two, or not numbers
        return None
    return None if math.isnan(low) or math.isnan(high) else (low, high)
