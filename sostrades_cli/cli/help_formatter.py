"""The layout of help: options of a command, examples, and a pointer to the shared options."""

from __future__ import annotations

import click

from sostrades_cli.cli.options import SHARED_SUMMARY, SharedOptionsCommand, shared_options
from sostrades_cli.exit_codes import ExitCode


class HelpfulCommand(SharedOptionsCommand):
    """The help of groups and commands."""

    examples: tuple[str, ...] = ()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the command, and for the root also the shared options."""
        own = [param for param in self.params if isinstance(param, click.Option)]
        rows = [record for option in own for record in [option.get_help_record(ctx)] if record]
        if rows:
            with formatter.section("Options"):
                formatter.write_dl(rows)
        if ctx.parent is None:
            with formatter.section("Options of every command"):
                formatter.write_dl([r for p in shared_options() for r in [p.get_help_record(ctx)] if r])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the exit codes (root) or a pointer to the shared options (other commands)."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.examples))
        if ctx.parent is None:
            with formatter.section("Exit codes"):
                formatter.write_dl([(str(int(code)), code.meaning) for code in ExitCode])
        else:
            formatter.write_paragraph()
            formatter.write_text(SHARED_SUMMARY)
