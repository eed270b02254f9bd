"""The cases of an iterator of a Python program. Each case is taken only when a study is free to run it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.operations.calc.sweep.cases import Case, Cases
from sostrades_cli.operations.param.metadata import declare
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment


class NewCase(NamedTuple):
    """A case as the iterator yields it, with keys in any form. A case without a name gets a number as its name."""

    name: str | None
    assignments: Sequence[Assignment]


@dataclass(slots=True)
class CaseStream:
    """Cases from an iterator. ``keys`` are the parameters that they may set."""

    keys: tuple[str, ...]
    cases: Iterator[NewCase]
    is_total_known: ClassVar[bool] = False
    can_resume: ClassVar[bool] = False
    noun: ClassVar[str] = "case"
    headline: ClassVar[str] = ""
    _taken: list[Case] = field(default_factory=list)
    # Set by `read`: the study, a function that returns the short keys of keys, and the short keys so far.
    _study: int = 0
    _short_keys: Callable[[Sequence[str]], dict[str, str]] = field(default=lambda _: {})
    _known: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The number of cases that were taken. The number of further cases is unknown."""
        return len(self._taken)

    def read(self, context: Context, study: int, own_name: str, *, resumed: bool) -> Cases:  # noqa: ARG002 - never is
        """Validate the keys, and return the still empty cases. ``own_name`` is the first part of all full names.

        Raises
        ------
        NotFound
            A key is not a parameter of the study.
        UsageError
            Two keys are the same parameter, or a key is not an input.

        """
        self._study, self._short_keys = study, partial(_short_keys, context, study, own_name)
        self._known = self._short_keys(self.keys)
        keys = tuple(self._known.values())
        if duplicates := [key for key in keys if keys.count(key) > 1]:
            raise UsageError(
                f"two keys of the cases are {duplicates[0]}", hint="use one key for each parameter", study=study
            )
        # It is unknown whether cases will have tables. If the server accepts none, the first upload fails.
        return Cases(self.keys, keys, self._taken, sha256="", has_files=False)

    def upcoming(self, results: Mapping[str, CaseResult]) -> Iterator[Case]:  # noqa: ARG002 - there are none before
        """Yield the cases, each taken from the iterator when it is needed."""
        allowed, names = set(self._known.values()), set[str]()
        for number, new in enumerate(self.cases, start=1):
            name = new.name or str(number)
            if name in names:
                raise InvalidValue(
                    f"two cases have the name {name}", hint="give each case its own name", study=self._study
                )
            names.add(name)
            given = [item.key for item in new.assignments]
            self._known |= self._short_keys([key for key in given if key not in self._known])
            if foreign := [key for key in given if self._known[key] not in allowed]:
                raise InvalidValue(
                    f"case {name} sets {listed(foreign)}, whose original value is not recorded",
                    hint="list the parameters of all cases in `inputs`, or set all of them in the first case",
                    study=self._study,
                )
            assignments = tuple(replace(item, key=self._known[item.key]) for item in new.assignments)
            self._taken.append(Case(name, str(number), (), assignments))
            yield self._taken[-1]

    def take(self, result: CaseResult) -> None:
        """Do nothing: the iterator gets no results."""


def _short_keys(context: Context, study: int, own_name: str, keys: Sequence[str]) -> dict[str, str]:
    """Return the full name of each key without the study's own name."""
    info = declare(context, study, keys)[0] if keys else []
    return {key: short_key(own_name, item.name) for key, item in zip(keys, info, strict=True)}
