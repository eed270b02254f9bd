"""Negative numbers among the arguments of a command, which click takes for options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli.param_types import ASSIGNMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

NEGATIVE: Final = re.compile(r"-\.?[0-9]")


def takes_negative_values(ctx: click.Context, args: Sequence[str]) -> bool:
    """Return whether negative numbers are values of parameters, as -0.5 in `param set 21 gamma -0.5`.

    Raises
    ------
    click.NoSuchOption
        There is an unknown option, too.

    """
    arguments = [param for param in ctx.command.get_params(ctx) if isinstance(param, click.Argument)]
    if not any(argument.type is ASSIGNMENT for argument in arguments):
        return False
    # Once click ignores unknown options, a misspelt option is a value for it, so look for those before.
    ctx.command.make_parser(ctx).parse_args(["0" if NEGATIVE.match(word) else word for word in args])
    return True
