"""Entries of the ontology for code that was not recorded, with the shapes and blanks of real ones."""

import json
import re
import zlib
from functools import cache
from importlib.resources import files

from server_stub.model import Model, Parameter
from server_stub.values import Json, Value

_URI = "https://www.sostrades.org/ontology#"
# A field that is not set, and a field of the glossary that was left empty.
_UNSET, _EMPTY = " ", ""
_ICONS = ("fas fa-smog fa-fw", "fas fa-bolt fa-fw", "fas fa-leaf fa-fw", "fas fa-coins fa-fw")


@cache
def _written_by_hand() -> Json:
    return json.loads(files("server_stub.ontology").joinpath("glossary.json").read_text(encoding="utf-8"))


PROCESSES: dict[str, str] = _written_by_hand()["processes"]
UNKNOWN_MODULES: frozenset[str] = frozenset(_written_by_hand()["unknown_modules"])


def _chance(text: str, sides: int) -> int:
    """Return a number from a text, always the same."""
    return zlib.crc32(text.encode()) % sides


def is_unknown(key: str) -> bool:
    """Return whether the ontology has no entry for a usage. On real servers, these are names built at set-up."""
    return "[" in key and _chance(key, 3) == 0


def glossary(name: str) -> Json:
    """Return label, definition, source and tag of a short name. Many names have only themselves as a label."""
    entry = {"label": name, "definition": _UNSET, "definition_source": _UNSET, "ACLTag": _UNSET, "uri": _uri(name)}
    by_hand = _written_by_hand()["parameters"].get(name)
    if by_hand is not None:
        return entry | {"definition": _EMPTY, "definition_source": _EMPTY, "ACLTag": _EMPTY} | by_hand
    if _chance(name, 10) < 6:  # noqa: PLR2004 - six of ten names have a label
        words = re.sub(r"[_\s]+", " ", name).removesuffix(" df")
        label = words[:1].upper() + words[1:]
        entry["label"] = f" {label}" if _chance(name, 4) == 0 else label
        entry["definition"] = f"{label} of the model, as an example." if _chance(name, 3) else _EMPTY
    return entry


def _uri(name: str) -> str:
    words = re.split(r"[^A-Za-z0-9]+", name)
    return f"{_URI}parameter_{''.join(word[:1].upper() + word[1:] for word in words)}"


def usage(key: str, parameter: Parameter, described: Json) -> Json:
    """Return the entry of a usage: nineteen texts. It describes the declaration in the code, not the study."""
    blank = _chance(key, 2) == 0
    entry = {
        "id": parameter.var_name,
        **{name: described[name] for name in ("label", "uri", "definition", "definition_source", "ACLTag")},
        "datatype": parameter.type,
        "unit": _unit(key, parameter),
        "range": _listed(parameter.range),
        "possible_values": _choices(parameter),
        "dataframe_descriptor": _descriptor(parameter),
        "dataframe_edition_locked": "True" if parameter.type in ("dataframe", "array") and not blank else _UNSET,
        "numerical": _flag(parameter.numerical, blank=blank),
        "optional": _flag(parameter.optional, blank=blank),
        "structuring": "True" if parameter.numerical else _UNSET,
        "editable": _flag(parameter.editable and parameter.io_type == "in", blank=blank),
        "user_level": _UNSET if blank else str(parameter.user_level),
        "namespace": parameter.namespace or _UNSET,
        "visibility": parameter.visibility or _UNSET,
    }
    by_hand = _written_by_hand()["declared"].get(parameter.var_name, {})
    return entry | by_hand


def _flag(value: Value, *, blank: bool) -> str:
    return _UNSET if blank and not value else str(bool(value))


def _unit(key: str, parameter: Parameter) -> str:
    """Return a unit. Some have brackets, and a few differ from the study."""
    if not parameter.unit:
        return _UNSET
    return {0: f"[{parameter.unit}]", 1: "-"}.get(_chance(key, 8), parameter.unit)


def _listed(values: tuple[Value, ...] | None) -> str:
    return _UNSET if values is None else ",\n".join("" if value is None else str(value) for value in values)


def _choices(parameter: Parameter) -> str:
    return "True,\nFalse" if parameter.type == "bool" else _listed(parameter.possible_values)


def _descriptor(parameter: Parameter) -> str:
    if parameter.descriptor is None:
        return _UNSET
    return repr({name: tuple(column) for name, column in parameter.descriptor.items()})


def discipline(model: Model, node: str, counts: tuple[int, int]) -> Json:
    """Return the entry of a module. A class without a label has its file and its name."""
    module = model.path_of(node)
    path = module.replace(".", "/").replace(" ", "_")
    name = model.class_of(node)
    title = node.rpartition(".")[2] or model.process
    entry = {
        "id": module,
        "label": f"{title} Model" if _chance(module, 5) else f"{module.rpartition('.')[2]}.{name}",
        "uri": f"{_URI}sosDiscipline_{'.'.join(part.title() for part in re.split(r'[^A-Za-z0-9]+', module))}",
        "pythonClass": name,
        "pythonModulePath": f"{path}.py",
        "codeRepository": module.partition(".")[0].replace("_", "-"),
        "inputParameterUsagesQuantity": str(counts[0]),
        "outputParameterUsagesQuantity": str(counts[1]),
        "type": model.maturity,
        "source": "SoSTrades Project",
        "validated_by": "SoSTrades Project",
        "icon": _ICONS[_chance(module, len(_ICONS))],
    }
    if _chance(module, 7) == 0:
        entry |= {"definition": f"compute {title.lower()}", "version": "Version 0"}
    return entry | _written_by_hand()["disciplines"].get(module, {})
