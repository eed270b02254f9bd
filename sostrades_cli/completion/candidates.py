"""What may stand at a place of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.completion import parameter_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.completion.command_line import CursorPlace
    from sostrades_cli.completion.known_names import KnownNames
    from sostrades_cli.local.cache import CachedParameter

SCALARS: Final = frozenset({"string", "int", "float", "bool"})


class Candidate(NamedTuple):
    """One answer: the whole word, what it means, and its ``type``.

    Types are those of click's protocol, `plain`, and `file` and `dir` for which the shell itself knows the rest; and
    `part` for a word that goes on, after which no blank belongs.
    """

    value: str
    help: str = ""
    type: str = "plain"


def answers(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    """Return what may stand at a place; names that no shell could type are left out."""
    return [item for item in _answers(place, recall) if item.value.isprintable() or item.type in {"file", "dir"}]


def _answers(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    if place.at_option:
        return _options(place)
    if place.commands is not None and place.kind is None:
        return [Candidate(name, one["help"]) for name, one in place.commands.items() if name.startswith(place.part)]
    if isinstance(place.kind, list):
        return [Candidate(place.lead + word) for word in place.kind if word.startswith(place.part)]
    kind = _KINDS.get(place.kind or "")
    return kind(place, recall) if kind is not None else []


def _options(place: CursorPlace) -> list[Candidate]:
    found = {name: option for name, option in place.options.items() if name.startswith(place.part)}
    long = {name: option for name, option in found.items() if name.startswith("--")}
    return [Candidate(name, option["help"]) for name, option in sorted((long or found).items())]


def _studies(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    seen = {one.study: one.name for one in recall.studies()}
    aliases = [Candidate(place.lead + name, f"study {study}") for name, study in recall.aliases.items()]
    numbers = [Candidate(f"{place.lead}{study}", name) for study, name in seen.items()]
    own = [
        Candidate(place.lead + name, f"study {numbers[0]}")
        for name, numbers in recall.named_studies.items()
        if len(numbers) == 1 and name not in recall.aliases and "," not in name
    ]
    return [item for item in (*aliases, *own, *numbers) if item.value.startswith(place.lead + place.part)]


def _several(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    before, comma, place.part = place.part.rpartition(",")
    place.lead += before + comma
    return _studies(place, recall)


def _sides(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    return [*_studies(place, recall), Candidate(place.part, type="dir")]


def _known(place: CursorPlace, recall: KnownNames) -> tuple[dict[str, CachedParameter], str]:
    """Return the parameters of the study that is named on the line, and its own name."""
    study = recall.number(next((value for kind, value in place.values if kind == "study"), ""))
    known = recall.parameters(study)
    return known, recall.own_name(study, known)


def _keys(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    known, own = _known(place, recall)
    found = parameter_names.beginning(known, place.part, own)
    return [Candidate(place.lead + name, type="part" if name.endswith(".") else "plain") for name in found]


def _assignments(place: CursorPlace, recall: KnownNames) -> list[Candidate]:
    known, own = _known(place, recall)
    key, sign, value = place.part.partition("=")
    if not sign:
        found = parameter_names.beginning(parameter_names.settable(known), key, own)
        return [Candidate(name if name.endswith(".") else f"{name}=", type="part") for name in found]
    if value.startswith("@"):
        return [Candidate(value[1:], type="file")]
    seen = parameter_names.named(known, key, own)
    words = _words_for(seen) if seen is not None else []
    return [Candidate(f"{place.lead}{key}={word}") for word in words if word.startswith(value)]


def _words_for(cached: CachedParameter) -> list[str]:
    # The possible values of a list are those of its elements.
    if cached.possible_values and cached.type in SCALARS:
        return [str(value) for value in cached.possible_values]
    return ["true", "false"] if cached.type == "bool" else []


def _of(words: Callable[[KnownNames], list[str]]) -> Callable[[CursorPlace, KnownNames], list[Candidate]]:
    return lambda place, recall: [Candidate(place.lead + word) for word in words(recall) if word.startswith(place.part)]


_KINDS: Final[dict[str, Callable[[CursorPlace, KnownNames], list[Candidate]]]] = {
    "study": _studies,
    "studies": _several,
    "side": _sides,
    "key": _keys,
    "assignment": _assignments,
    "alias": _of(lambda recall: list(recall.aliases)),
    "profile": _of(lambda recall: list(recall.profiles)),
    "file": lambda place, _: [Candidate(place.part, type="file")],
    "dir": lambda place, _: [Candidate(place.part, type="dir")],
}
