"""Candidates for the word under the cursor: studies, parameters, values, settings and paths."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.completion import parameter_names
from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.local.settings import FILES, SETTINGS, STORED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.completion.known_names import KnownNames
    from sostrades_cli.local.cache import CachedParameter

# The types of most studies, for one whose parameters are not known.
TYPES: Final = ("float", "int", "string", "bool", "list", "dict", "array", "dataframe")
SCALARS: Final = frozenset({"string", "int", "float", "bool"})


class Candidate(NamedTuple):
    """A whole word for the cursor's position, and its description."""

    value: str
    help: str = ""


class Candidates:
    """Candidates that start with the typed text. ``study`` and ``setting`` come from earlier words, if any."""

    def __init__(self, known: KnownNames, study: int | None = None, setting: str | None = None) -> None:
        self._known = known
        self._study = study
        self._setting = setting

    def studies(self, typed: str) -> list[Candidate]:
        """Return aliases, names that only one study has, and numbers."""
        known = self._known
        aliases = [Candidate(alias, f"study {study}") for alias, study in known.usable_aliases.items()]
        # A comma separates studies, so a name with a comma would be parsed as two.
        names = [
            Candidate(name, f"study {numbers[0]}")
            for name, numbers in known.named_studies.items()
            if len(numbers) == 1 and name not in known.aliases and "," not in name
        ]
        numbers = [Candidate(str(cached.study), cached.name) for cached in known.studies]
        return [item for item in (*aliases, *names, *numbers) if item.value.startswith(typed)]

    def several_studies(self, typed: str) -> list[Candidate]:
        """Return candidates for the last study of a list with commas; each repeats the studies before it."""
        before, comma, last = typed.rpartition(",")
        return [item._replace(value=f"{before}{comma}{item.value}") for item in self.studies(last)]

    def sides(self, typed: str) -> list[Candidate]:
        """Return studies, and folders, which may contain an exported study."""
        return [*self.studies(typed), *paths(typed, folders_only=True)]

    def keys(self, typed: str, *, settable: bool = False) -> list[Candidate]:
        """Return the names of the study's parameters, or of those that can be set."""
        known, own_name = self._parameters()
        names = parameter_names.settable(known) if settable else known
        return [Candidate(name) for name in parameter_names.beginning(names, typed, own_name)]

    def nodes(self, typed: str) -> list[Candidate]:
        """Return the names of the study's nodes without the study's own."""
        folded = typed.casefold()
        return [Candidate(name) for name in self._known.nodes(self._study) if name.casefold().startswith(folded)]

    def assignments(self, typed: str) -> list[Candidate]:
        """Return ``KEY=`` for parameters that can be set, ``KEY=VALUE`` for known values, ``KEY=@FILE`` for files."""
        known, own_name = self._parameters()
        key, sign, value = typed.partition("=")
        if not sign:
            settable = parameter_names.settable(known)
            names = parameter_names.beginning(settable, key, own_name)
            names = names or parameter_names.entries(settable, key, own_name)
            return [Candidate(name if name.endswith(".") else f"{name}=") for name in names]
        if value.startswith("@"):
            return [item._replace(value=f"{key}=@{item.value}") for item in paths(value[1:])]
        parameter = parameter_names.named(known, key, own_name)
        values = _values_of(parameter) if parameter is not None else []
        return [Candidate(f"{key}={word}") for word in values if word.startswith(value)]

    def types(self, typed: str) -> list[Candidate]:
        """Return the types of the study's parameters, or the usual ones."""
        known, _ = self._parameters()
        return _beginning(sorted({parameter.type for parameter in known.values()} or TYPES), typed)

    def units(self, typed: str) -> list[Candidate]:
        """Return the units of the study's parameters."""
        known, _ = self._parameters()
        return _beginning(sorted({parameter.unit for parameter in known.values() if parameter.unit}), typed)

    def limits(self, typed: str) -> list[Candidate]:
        """Return ``KEY<=`` and ``KEY>=`` for each parameter."""
        return [Candidate(f"{key.value}{relation}") for key in self.keys(typed) for relation in ("<=", ">=")]

    def _parameters(self) -> tuple[dict[str, CachedParameter], str]:
        known = self._known.parameters(self._study)
        return known, self._known.own_name(self._study, known)

    def charts(self, typed: str) -> list[Candidate]:
        """Return the titles of the study's charts, or their numbers after a typed digit.

        If several charts have the same title, their disciplines are put in front. If that is not enough to tell them
        apart, their numbers are offered.
        """
        charts = self._known.charts(self._study)
        titles, labels = ([chart.title for chart in charts], [f"{chart.discipline}/{chart.title}" for chart in charts])
        numbers, names, full_names = [], [], []
        for number, (chart, title, label) in enumerate(zip(charts, titles, labels, strict=True), 1):
            numbers.append(Candidate(str(number), f"{title or 'without a title'} ({chart.kind})"))
            name = title if titles.count(title) == 1 else label
            # Commands read a number as that of a chart, even if another chart has it as its title.
            if title and labels.count(label) == 1 and not name.isdecimal():
                names.append(Candidate(name, f"{number}, {chart.kind}"))
                full_names.append(Candidate(label, f"{number}, {chart.kind}"))
            else:
                names.append(numbers[-1])
        if typed.isdecimal():
            return [item for item in numbers if item.value.startswith(typed)]
        # An exact match hides titles in another case, as in the commands.
        same_case = [item for item in names if item.value.startswith(typed)]
        any_case = (
            [item for item in group if item.value.casefold().startswith(typed.casefold())]
            for group in (names, full_names)
        )
        return same_case or next(filter(None, any_case), [])

    def titles(self, typed: str) -> list[Candidate]:
        """Return the titles of the study's charts, each once."""
        return _beginning(dict.fromkeys(chart.title for chart in self._known.charts(self._study) if chart.title), typed)

    def aliases(self, typed: str) -> list[Candidate]:
        """Return the aliases of the profile in use."""
        return _beginning(self._known.aliases, typed)

    def profiles(self, typed: str) -> list[Candidate]:
        """Return the profiles of config.toml."""
        return _beginning(self._known.profiles, typed)

    def hosts(self, typed: str) -> list[Candidate]:
        """Return the servers of the profiles."""
        profiles = self._known.profiles
        hosts = {name: profile.get("host") for name, profile in profiles.items() if isinstance(profile, dict)}
        items = [Candidate(host, f"profile {name}") for name, host in hosts.items() if isinstance(host, str)]
        return [item for item in items if item.value.startswith(typed)]

    def settings(self, typed: str) -> list[Candidate]:
        """Return the names of settings."""
        return _beginning(SETTINGS, typed)

    def stored_settings(self, typed: str) -> list[Candidate]:
        """Return the names of settings that config.toml may contain."""
        return _beginning(STORED, typed)

    def setting_values(self, typed: str) -> list[Candidate]:
        """Return the values of the setting, if it is a choice or a file."""
        if self._setting in FILES:
            return paths(typed)
        setting = SETTINGS.get(self._setting or "")
        return _beginning(setting.choices if setting else (), typed)


def paths(typed: str, *, folders_only: bool = False) -> list[Candidate]:
    """Return files and folders that start with the typed text; folders end with a slash.

    Hidden files appear only after a typed dot.
    """
    folder, name = os.path.split(typed)
    lead = typed[: len(typed) - len(name)]
    try:
        # The entries keep the typed form, so `~` and `./` are not expanded.
        with os.scandir(at_home(folder or ".")) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".") or name.startswith(".")]
            folders = [f"{lead}{entry.name}/" for entry in shown if entry.is_dir()]
            files = [f"{lead}{entry.name}" for entry in shown if not folders_only and not entry.is_dir()]
    except (OSError, UsageError):  # an unreadable folder, or the home of an unknown user
        return []
    return _beginning(sorted([*folders, *files]), typed)


def _values_of(parameter: CachedParameter) -> list[str]:
    # The possible values of a list are those of its elements.
    if parameter.possible_values and parameter.type in SCALARS:
        return [str(value) for value in parameter.possible_values]
    return ["true", "false"] if parameter.type == "bool" else []


def _beginning(words: Iterable[str], typed: str) -> list[Candidate]:
    return [Candidate(word) for word in words if word.startswith(typed)]
