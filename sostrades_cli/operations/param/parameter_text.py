"""Parameters as a TOML text for an editor: a line per value, with type, unit, range and choices as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.operations.study.snapshot import toml_writer
from sostrades_cli.output.text import visible
from sostrades_cli.study_reference import short_key
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.metadata import ParameterInfo

SHOWN_CHOICES: Final = 20
HEADER: Final = """\
# Inputs of study {study}{name}. Change values, save the file and close the editor.
# Lines that you remove keep their values. If you change nothing, nothing is sent."""


def parameters_as_toml(study: int, own: str, infos: Iterable[ParameterInfo], values: Mapping[str, Json]) -> str:
    """Return a TOML text that ``param set --from`` reads; names are without the ``own`` name of the study.

    Tables and values that TOML cannot represent are comments.
    """
    lines = [HEADER.format(study=study, name=f" ({visible(own)})" if own else "")]
    node = None
    for info in infos:
        name = short_key(own, info.name)
        if node != (node := name.rpartition(".")[0]):
            lines.append("")
        lines.append(_line(study, name, info, values[info.name]))
    return "\n".join(lines) + "\n"


def is_table(info: ParameterInfo) -> bool:
    """Return whether a parameter takes a CSV file only: a dataframe, an array, or a dict of them."""
    return (
        info.type in {"dataframe", "array"}
        or info.holds_tables
        or (info.parameter is not None and has_tables(info.parameter.value))
    )


def _line(study: int, name: str, info: ParameterInfo, value: Json) -> str:
    facts = ", ".join(_facts(info))
    if is_table(info):
        return toml_writer.comment_line(name, "is a table", f"sostrades param edit {study} {shell_quoted(info.name)}")
    if value is None:
        return toml_writer.empty_line(name, f"no value, {facts}")
    # Text that begins with @ would name a file.
    line = toml_writer.line(name, f"@{value}" if isinstance(value, str) and value.startswith("@") else value, facts)
    return line or toml_writer.comment_line(
        name, "cannot be written as TOML", f"sostrades param set {study} {shell_quoted(f'{info.name}:=JSON')}"
    )


def _facts(info: ParameterInfo) -> Iterator[str]:
    """Yield the type of a parameter, its unit, range and choices."""
    yield info.type or "type unknown"
    if info.unit and info.unit != "-":
        yield info.unit
    if info.cached is not None and info.cached.range is not None:
        yield "{:g} to {:g}".format(*info.cached.range)
    if info.cached is not None and info.cached.possible_values:
        choices = [*map(str, info.cached.possible_values[:SHOWN_CHOICES])]
        yield " or ".join([*choices, *["..."] * (len(info.cached.possible_values) > SHOWN_CHOICES)])
