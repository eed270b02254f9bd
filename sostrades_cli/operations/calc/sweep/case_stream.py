"""Cases that come one by one: each is taken only when a study is free to run it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.operations.calc.sweep.cases import Case, Cases
from sostrades_cli.operations.param.metadata import declare
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment


class NewCase(NamedTuple):
    """A case as its source has it: a name, ``None`` for a number, and assignments with keys in any form."""

    name: str | None
    assignments: Sequence[Assignment]


@dataclass(frozen=True, slots=True)
class CaseStream:
    """Cases from an iterator. ``keys`` are the parameters that they may set."""

    keys: tuple[str, ...]
    cases: Iterator[NewCase]

    def opened(self, context: Context, study: int, own_name: str) -> Cases:
        """Return the cases without having taken one; ``own_name`` is the first part of all full names.

        Raises
        ------
        NotFound
            A key is not a parameter of the study.
        UsageError
            Two keys are the same parameter, or a key is not an input.

        """
        names = self._short_keys(context, study, own_name, self.keys)
        keys = tuple(names.values())
        if duplicates := [key for key in keys if keys.count(key) > 1]:
            raise UsageError(
                f"two keys of the cases are {duplicates[0]}", hint="use one key for each parameter", study=study
            )
        rows: list[Case] = []
        return Cases(self.keys, keys, rows, "", self._further(context, study, own_name, names, rows), resumes=False)

    def _further(
        self, context: Context, study: int, own_name: str, names: dict[str, str], rows: list[Case]
    ) -> Iterator[Case]:
        allowed, taken = set(names.values()), set[str]()
        for number, new in enumerate(self.cases, start=1):
            name = new.name or str(number)
            if name in taken:
                raise InvalidValue(f"two cases have the name {name}", hint="give each case its own name", study=study)
            taken.add(name)
            given = [item.key for item in new.assignments]
            names |= self._short_keys(context, study, own_name, [key for key in given if key not in names])
            if foreign := [key for key in given if names[key] not in allowed]:
                raise InvalidValue(
                    f"case {name} sets {listed(foreign)}, whose original value is not recorded",
                    hint="list the parameters of all cases in `inputs`, or set all of them in the first case",
                    study=study,
                )
            assignments = tuple(replace(item, key=names[item.key]) for item in new.assignments)
            rows.append(Case(name, str(number), (), assignments))
            yield rows[-1]

    @staticmethod
    def _short_keys(context: Context, study: int, own_name: str, keys: Sequence[str]) -> dict[str, str]:
        """Return the name of each key without the study name."""
        info = declare(context, study, keys)[0] if keys else []
        return {key: short_key(own_name, item.name) for key, item in zip(keys, info, strict=True)}
