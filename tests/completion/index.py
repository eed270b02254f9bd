"""The index that completion reads, made from the commands themselves."""

from __future__ import annotations

from typing import Any

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli import param_types as types
from sostrades_cli.cli.options import shared_options
from sostrades_cli.local.settings import FILES, FORMATS, SETTINGS, STORED

# What a setting can be, by the setting.
_VALUES: dict[str, Any] = {"format": list(FORMATS), "allow_http": ["yes", "no"], **dict.fromkeys(FILES, "file")}
_OF_SETTINGS: dict[str, Any] = {
    types.SETTING.name: list(SETTINGS),
    types.STORED_SETTING.name: list(STORED),
    types.SETTING_VALUE.name: _VALUES,
}


def index_of(command: click.Command) -> dict[str, Any]:
    """Return what completion needs to know of a group or a command."""
    context = click.Context(command, **framework.HELP_OPTIONS)
    shared = {id(option) for option in shared_options()}
    own = [param for param in command.get_params(context) if id(param) not in shared]
    found: dict[str, Any] = {"options": _options([param for param in own if isinstance(param, click.Option)])}
    if isinstance(command, framework.LazyGroup):
        inner = {name: (text, command.get_command(context, name)) for name, text in command.table.items()}
        found["commands"] = {name: {"help": text, **index_of(one)} for name, (text, one) in inner.items() if one}
    else:
        arguments = [param for param in own if isinstance(param, click.Argument)]
        found["arguments"] = [{"kind": kind_of(one), "many": one.nargs == -1} for one in arguments]
    return found


def whole_index(root: click.Command) -> dict[str, Any]:
    """Return the index of the whole program."""
    return {**index_of(root), "shared": _options(list(shared_options()))}


def _options(options: list[click.Option]) -> dict[str, Any]:
    return {
        name: {"name": option.name, "kind": kind_of(option), "help": option.help or ""}
        for option in options
        for name in option.opts
    }


def kind_of(param: click.Parameter) -> str | list[str] | dict[str, Any] | None:
    """Return what a value is, as completion calls it."""
    kind = param.type
    if isinstance(param, click.Option) and param.is_flag:
        return "flag"
    if isinstance(kind, click.Choice):
        return [str(choice) for choice in kind.choices]
    if isinstance(kind, types.WordParamType):
        return _OF_SETTINGS.get(kind.name, kind.name)
    if isinstance(
        kind,
        types.StudyParamType
        | types.StudiesParamType
        | types.SideParamType
        | types.KeyParamType
        | types.AssignmentParamType,
    ):
        return kind.name
    if isinstance(kind, click.Path):
        return "dir" if isinstance(kind, types.FolderParamType) else "file"
    return None
