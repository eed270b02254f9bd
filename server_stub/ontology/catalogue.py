"""The entries of the ontology: the recorded entries, and entries that follow from the models of the studies."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from server_stub.model import Model, Parameter
from server_stub.ontology import describe
from server_stub.ontology.documents import document
from server_stub.values import Json


@dataclass(frozen=True)
class Use:
    """A parameter in the code of a discipline."""

    model: Model
    node: str
    parameter: Parameter
    written: bool

    @cached_property
    def key(self) -> str:
        """Return the id of the usage."""
        return f"{self.model.path_of(self.node)}_{'output' if self.written else 'input'}_{self.parameter.var_name}"


@cache
def _recorded() -> Json:
    return json.loads(files("server_stub.ontology").joinpath("recorded.json").read_text(encoding="utf-8"))


@dataclass
class _Index:
    """The code of all models: uses by id and by short name, and each module with its last class."""

    uses: dict[str, Use] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    classes: dict[str, tuple[Model, str]] = field(default_factory=dict)
    # The numbers of inputs and outputs by module.
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, model: Model) -> None:
        """Add a model."""
        self.classes |= {model.path_of(node): (model, node) for node in model.nodes}
        for use in _uses(model):
            if use.key not in self.uses:
                module = model.path_of(use.node)
                inputs, outputs = self.counts.get(module, (0, 0))
                self.counts[module] = (inputs + (not use.written), outputs + use.written)
                self.names.setdefault(use.parameter.var_name, []).append(use.key)
            self.uses[use.key] = use


# Tests build many worlds with the same models, and an index takes time.
@lru_cache(maxsize=8)
def _index_of(models: tuple[Model, ...]) -> _Index:
    index = _Index()
    for model in models:
        index.add(model)
    return index


class Catalogue:
    """The entries for the models of a world, by the ids of disciplines, usages and documents."""

    def __init__(self) -> None:
        self._models: list[Model] = []

    def register(self, model: Model) -> None:
        """Add the code of a model."""
        if model not in self._models:
            self._models.append(model)

    @property
    def _index(self) -> _Index:
        return _index_of(tuple(self._models))

    def usages(self, requested: Json) -> Json:
        """Answer a request for disciplines and usages. A text in place of a list is a list of its letters."""
        answer: dict[str, Json] = {}
        if isinstance(requested, dict):
            for kind, find in (("disciplines", self.discipline), ("parameter_usages", self.usage)):
                if kind in requested:
                    answer[kind] = {name: dict(sorted(find(name).items())) for name in sorted(_names(requested[kind]))}
        return answer

    def discipline(self, module: str) -> Json:
        """Return the entry of a module. If several classes are in it, that of the last one."""
        if module in _recorded()["disciplines"]:
            return _recorded()["disciplines"][module]
        if module not in self._index.classes or module in describe.UNKNOWN_MODULES:
            return {"id": module, "label": module}
        model, node = self._index.classes[module]
        entry = describe.discipline(model, node, self._index.counts.get(module, (0, 0)))
        return entry | model.glossary.get(module, {})

    def usage(self, key: str) -> Json:
        """Return the entry of a usage: 19 fields, or only its id."""
        if key in _recorded()["usages"]:
            return _recorded()["usages"][key]
        use = self._index.uses.get(key)
        if use is None or describe.is_unknown(key):
            return {"id": key}
        name = use.parameter.var_name
        known = {**_glossary_of_recordings().get(name, {}), **use.model.glossary.get(name, {})}
        return describe.usage(key, use.parameter, describe.glossary(name) | known)

    def parameter(self, name: str) -> Json:
        """Return the entry of a short name, without empty fields."""
        if name in _recorded()["parameters"]:
            return _recorded()["parameters"][name]
        keys = self._index.names.get(name, [])
        known = [self.usage(key) for key in keys if not describe.is_unknown(key)]
        if not known:
            return {}
        fields = ("datatype", "definition", "definition_source", "label", "uri", "ACLTag")
        entry = {field: known[0][field] for field in fields if known[0][field].strip()}
        return {**entry, "parameterUsagesIDs": keys}

    def document(self, identifier: str) -> str:
        """Return the documentation of a module or process; "" if there is none."""
        documents = (model.document(identifier) for model in self._models)
        return _recorded()["documents"].get(identifier) or next(filter(None, documents), "") or document(identifier)

    def process_label(self, model: Model) -> str:
        """Return the label of a process."""
        recorded = _recorded()["processes"].get(f"{model.repository}.{model.process}")
        return recorded or describe.PROCESSES.get(model.process, model.process)


@cache
def _glossary_of_recordings() -> Mapping[str, Json]:
    """Return the fields of recorded entries that belong to the short name, and not to the usage."""
    fields = ("label", "definition", "definition_source", "ACLTag", "uri")
    return {entry["id"]: {field: entry[field] for field in fields} for entry in _recorded()["usages"].values()}


def _uses(model: Model) -> Iterator[Use]:
    for parameter in model.parameters:
        for node in parameter.readers or ():
            yield Use(model, node, parameter, written=False)
        if parameter.writer is not None:
            yield Use(model, parameter.writer, parameter, written=True)


def _names(requested: Json) -> Sequence[str]:
    """Return the ids of a request. Other items than texts are an error of the service."""
    names = list(requested)
    if not all(isinstance(name, str) for name in names):
        raise TypeError("ids must be texts")
    return names
