"""How help looks: a command's own options, its examples, and where the options are that all share."""

from __future__ import annotations

import click

from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.options import SHARED_SUMMARY, shared_options
from sostrades_cli.exit_codes import ExitCode


class HelpfulCommand(click.Command):
    """Help and shared options, for groups and commands alike."""

    examples: tuple[str, ...] = ()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own options, then the shared ones."""
        return [*super().get_params(ctx), *shared_options()]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` that writes to the streams that were passed in."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the own options in full; the shared ones in full at the root only."""
        own = [p for p in super().get_params(ctx) if not isinstance(p, click.Argument)]
        help_option = self.get_help_option(ctx)
        rows = [r for p in own if p is not help_option for r in [p.get_help_record(ctx)] if r]
        if rows:
            with formatter.section("Options"):
                formatter.write_dl(rows)
        if ctx.parent is None:
            with formatter.section("Options of every command"):
                formatter.write_dl([r for p in shared_options() for r in [p.get_help_record(ctx)] if r])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, exit codes (at the root) and where the shared options are described."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.examples))
        if ctx.parent is None:
            with formatter.section("Exit codes"):
                formatter.write_dl([(str(int(code)), code.meaning) for code in ExitCode])
        else:
            formatter.write_paragraph()
            formatter.write_text(SHARED_SUMMARY)


def _show_help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.find_object(Invocation).runtime.stdout.write(ctx.get_help() + "\n")  # type: ignore[union-attr] # run() always passes one
        ctx.exit()
