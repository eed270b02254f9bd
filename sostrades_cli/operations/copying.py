"""Copying a study: servers give a copy the defaults of its parameters, so the source's values are sent to it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import NoLayout, NotVerified, NoValue, Refused, SostradesError, UploadFault, UsageError
from sostrades_cli.operations import setting, table_files
from sostrades_cli.operations.declaring import Declared
from sostrades_cli.operations.downloading import save_one
from sostrades_cli.operations.loading import load, told_by_read_only
from sostrades_cli.operations.planning import FileChange, Plan, ValueChange
from sostrades_cli.operations.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.loading import Loaded
    from sostrades_cli.operations.server import Server

WITHOUT_GROUP = "'NoneType' object has no attribute 'id'"


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy: its number, the parameters that are not as in the source, and the error that this stands for."""

    number: int
    different: tuple[str, ...]
    note: str
    failure: SostradesError | None


def copy(server: Server, study: int, name: str) -> Copied:
    """Copy a study and make the copy's inputs equal to the source's.

    Raises
    ------
    LoadFault
        The source cannot be read from this server; nothing was copied.
    Refused
        The server copies for group keys only.

    """
    source = load(server, study)
    if not name.strip():
        raise UsageError("a copy needs a name", hint=f"sostrades study copy {study} NAME")
    number = _ask(server, study, name)
    server.inform(f"study {number} was made; comparing its inputs with those of study {study}")
    try:
        own = None if source.read_only else load(server, number).parameters
        different = _equalise(server, study, _Copy(number, name, own), source)
    except SostradesError as error:
        return Copied(number, (), "", _unfinished(number, study, error))
    failure = None if not different else _incomplete(number, study, different)
    note = "" if failure else f"study {number} is a copy of study {study}"
    return Copied(number, tuple(different), note, failure)


def _ask(server: Server, study: int, name: str) -> int:
    try:
        return server.api.studies.copy(study, name)
    except Refused as error:
        if error.server is None or error.server.description != WITHOUT_GROUP:
            raise
        raise Refused(
            "the server copies studies for the key of a group only",
            hint="use a group's key: ask the administrator, or SOSTRADES_API_KEY=... for this command",
            study=study,
            server=error.server,
        ) from error
    except SostradesError as error:
        if not error.answer_lost:
            raise
        raise type(error)(
            f"{error.message}; study {study} may have been copied all the same",
            hint=f"look for {name!r} in the web page before giving the command again",
            study=study,
            server=error.server,
        ) from error


def _equalise(server: Server, study: int, copied: _Copy, source: Loaded) -> list[str]:
    """Send what differs and return the names that could not be made the same."""
    inputs = _inputs(server, study, source)
    own = {p.name: declared for p in inputs if (declared := copied.declared(p)) is not None}
    values = [_value_change(p, own[p.name]) for p in inputs if p.name in own and _differs(p, own[p.name])]
    setting.apply(server, Plan(copied.number, tuple(values), ()))
    tables = [p for p in inputs if p.is_table and p.value is not None and p.name in own]
    return _send_tables(server, study, copied.number, [(p, own[p.name]) for p in tables])


def _send_tables(server: Server, study: int, number: int, tables: Sequence[tuple[Parameter, Declared]]) -> list[str]:
    """Carry tables over and return the names of those that cannot be: some download, some upload is refused."""
    with tempfile.TemporaryDirectory() as folder:
        files, different = [], []
        for count, (source, own) in enumerate(tables):
            path = Path(folder) / f"{count}.csv"
            try:
                save_one(server, study, source.name, path)
            except (NoLayout, NoValue):
                different.append(own.name)
            else:
                held = table_files.hold(server, number, own.name)
                files.append(FileChange(own, path, 0, needless=table_files.matches(path, held, own)))
        try:
            setting.apply(server, Plan(number, (), tuple(files)))
        except UploadFault:
            different += [c.declared.name for c in files if not c.needless]
    return different


def _inputs(server: Server, study: int, source: Loaded) -> list[Parameter]:
    """Return what a user could have set: no outputs, and nothing that another discipline computes."""
    told_by_read_only(server, study)
    known = server.memory.recall(study)
    computed = {name for name, seen in known.items() if seen.coupling or seen.io_type == "out"}
    return [p for name, p in source.parameters.items() if name not in computed and p.var_name != "residuals_history"]


@dataclass(frozen=True, slots=True)
class _Copy:
    """The copy: its number, its name, and its own parameters where the server can load them."""

    number: int
    name: str
    parameters: Mapping[str, Parameter] | None

    def declared(self, source: Parameter) -> Declared | None:
        """Return the copy's own parameter that stands for one of the source: the copy's name is in front of it."""
        name = f"{self.name}.{source.name.partition('.')[2]}"
        if self.parameters is None:
            return Declared(name, source.type, source.unit, None, None)
        own = self.parameters.get(name)
        return Declared(name, own.type, own.unit, own, None) if own else None


def _differs(source: Parameter, own: Declared) -> bool:
    if source.is_table or source.value is None:
        return False
    return own.parameter is None or not same(source.value, own.parameter.value)


def _value_change(source: Parameter, own: Declared) -> ValueChange:
    return ValueChange(own, own.parameter.value if own.parameter else None, source.value)


def _unfinished(number: int, study: int, error: SostradesError) -> SostradesError:
    return type(error)(
        f"study {number} was made, and its values could not be made those of study {study}: {error.message}",
        detail=error.detail,
        hint=f"it holds defaults: set them with sostrades param set {number}, or delete it in the web page",
        study=number,
        server=error.server,
    )


def _incomplete(number: int, study: int, different: list[str]) -> NotVerified:
    return NotVerified(
        f"study {number} is a copy of study {study}, save for what this server cannot give or take",
        detail="\n".join(different),
        hint="load them in the web page",
        study=number,
    )
