"""Write the space of a study as a file that the user edits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.targets import check_target
from sostrades_cli.operations.study.snapshot import toml_writer
from sostrades_cli.operations.study.snapshot.capture import list_parameters
from sostrades_cli.output.text import counted, visible

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context

_TYPES: Final = frozenset({"float", "int", "bool", "string"})
_HEADER: Final = """\
# The space of study {study}{name}: one line for each parameter that varies.
# The first lines have the ranges and choices of the study. To add a parameter, remove the # before its line and
# change the values: {{range = [a, a]}} stands for the present value a.
# Fields of a parameter:
#   {{range = [0.1, 0.5]}}
#   {{choices = ["low", "high"]}}
#   {{}}, for the range or the choices of the study
#   {{distribution = "uniform", low = 0.1, high = 0.5}}
#   {{distribution = "loguniform", low = 0.01, high = 1.0}}
#   {{distribution = "triangular", low = 0.1, mode = 0.2, high = 0.5}}
#   {{distribution = "normal", mean = 0.3, std = 0.05}}, also with low and high
#   {{distribution = "lognormal", mu = 0.0, sigma = 0.2}}, also with low and high
# Lists, dicts, tables and parameters without a value are not listed here. Add them with choices or a range.
"""


class InitialSpace(NamedTuple):
    """The file of a space, and how many of its parameters are active, and how many are comments."""

    file: Path
    active: int
    commented: int

    @property
    def note(self) -> str:
        """The numbers of parameters."""
        text = f"{counted(self.active, 'parameter')} with a range or choices, and {self.commented} as comments"
        if not self.active:
            return f"{text}: a study shows its ranges and choices only after a finished run"
        return f"{text}: edit {self.file}"


def require_alone(cases: Path | None, n: int | None, seed: int | None) -> None:
    """Reject options of a design, because ``--init`` writes only the space.

    Raises
    ------
    UsageError
        An option is given.

    """
    given = next((name for name, value in (("-o", cases), ("-n", n), ("--seed", seed)) if value is not None), None)
    if given is not None:
        raise UsageError(
            f"--init only writes the space, so it does not take {given}",
            hint=f"remove {given}, edit the file, and run the command again without --init",
        )


def write_initial_space(context: Context, study: int, file: Path, *, overwrite: bool) -> InitialSpace:
    """Write the numbers, texts and booleans of a study as a space. Those without a range or choices are comments.

    Raises
    ------
    FileConflict
        The file exists, and ``overwrite`` is not set. No request was sent.

    """
    check_target(file, overwrite=overwrite, named=True)
    listed = list_parameters(context, study, outputs=False)
    known = context.cache.parameters_of(study)
    parameters = {
        listed.key(name): (parameter, known.get(name))
        for name, parameter in sorted(listed.parameters.items())
        # A run replaces start values of couplings, so they hardly change the results.
        if parameter.type in _TYPES and not parameter.is_solver_setting and name not in listed.start_values
    }
    active = [line for key, (p, cached) in parameters.items() if (line := _active_line(key, p, cached))]
    others = [
        line
        for key, (p, cached) in parameters.items()
        if not _active_line(key, p, cached) and (line := _comment(key, p))
    ]
    name = f" ({visible(listed.name)})" if listed.name else ""
    lines = [_HEADER.format(study=study, name=name), *active, *["" for _ in active[:1]], *others]
    with atomic(file, named=True) as target:
        target.write("".join(f"{line}\n" for line in lines).encode())
    return InitialSpace(file, len(active), len(others))


def _active_line(key: str, parameter: Parameter, cached: CachedParameter | None) -> str | None:
    """Return the line with the range or the choices in the study, or ``None`` if it has neither."""
    if cached is not None and cached.possible_values:
        return _line(key, "choices", list(cached.possible_values), parameter)
    if cached is not None and cached.range is not None and parameter.type in {"float", "int"}:
        return _line(key, "range", _ends(cached.range, parameter.type), parameter)
    return None


def _ends(ends: tuple[float, float], kind: str) -> list[Json]:
    # The server gives all ranges as floats.
    return [math.ceil(ends[0]), math.floor(ends[1])] if kind == "int" else list(ends)


def _comment(key: str, parameter: Parameter) -> str | None:
    """Return a commented line with the current value, or ``None`` if TOML cannot represent the value."""
    if parameter.type == "bool":
        line = _line(key, "choices", [True, False], parameter)
    elif parameter.type == "string":
        line = _line(key, "choices", [parameter.value], parameter)
    else:
        line = _line(key, "range", [parameter.value, parameter.value], parameter)
    return None if line is None else f"# {line}"


def _line(key: str, field: str, values: list[Json], parameter: Parameter) -> str | None:
    """Return the line of a parameter, or ``None`` if TOML cannot represent a value."""
    line = toml_writer.line(key, {field: values}, _facts(parameter))
    # The examples in the header have no quotes around fields. A quote in the key is escaped, so it is never replaced.
    return line and line.replace(f'{{"{field}" = ', f"{{{field} = ", 1)


def _facts(parameter: Parameter) -> str:
    unit = parameter.unit if parameter.unit not in {None, "", "-"} else None
    value = None if parameter.value is None else f"now {parameter.value!r:.60}"
    return ", ".join(filter(None, [parameter.type, unit, value]))
