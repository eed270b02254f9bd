"""The layout of help: usage, description, options, examples, and a pointer to the common options."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Final

import click
from click.formatting import wrap_text

from sostrades_cli.cli.invocation import Invocation, help_color, window
from sostrades_cli.cli.options import SharedOptionsCommand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

POINTER: Final = "All commands: `sostrades --help`. Common options: `sostrades help options`."
WIDEST: Final = 100
# Below this width there is no place for two columns, so a text stands beneath its name.
NARROW: Final = 60
LEAST: Final = 20
_STACKED_INDENT: Final = 4
_GAP: Final = 2
_FIRST_COLUMN: Final = 28
# Names of options and commands get a colour, their values none.
_NAME: Final = r"(?<![\w-])--?[A-Za-z][\w-]*|^[a-z0-9][\w-]*|^[A-Z]+(?:_[A-Z]+)+"
# What is not broken at the end of a line: commands, the facts behind an option, and exit codes.
_WHOLE: Final = r"`[^`]{1,40}`|\[[^];]{1,40}\]|(?<=\[)env var: [A-Z_]+|(?<=; )default: [^]]{1,40}\]|[Ee]xit \d+"
_FIXED_BLANK: Final = "\N{NO-BREAK SPACE}"
_FIXED_HYPHEN: Final = "\N{NON-BREAKING HYPHEN}"
# A word of a shell; an option together with its value.
_WORD: Final = r"""(?:[^\s'"]|'[^']*'|"[^"]*")+"""
_OPTION_WITH_VALUE: Final = rf"-[\w-]+ (?!-){_WORD}|{_WORD}"


class HelpFormatter(click.HelpFormatter):
    """Click's formatter with colours, and with a layout for narrow windows."""

    def __init__(self, width: int, *, color: bool) -> None:
        super().__init__(width=max(min(width, WIDEST) - _GAP, LEAST))
        self.color = color

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, prefix if prefix is not None else f"{self._bold('Usage:')} ")

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{self._bold(f'{heading}:')}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _FIRST_COLUMN, col_spacing: int = _GAP) -> None:
        """Write names with their texts: in two columns, or in a narrow window one below the other."""
        rows = list(rows)
        names = min(max((len(name) for name, _ in rows), default=0), col_max) + col_spacing
        column = self.current_indent + (_STACKED_INDENT if self._narrow else names)
        for name, text in rows:
            self._write_row(" " * self.current_indent, name, text, column)

    def write_groups(self, groups: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Write groups of names with their texts, the title of a group beside its first name."""
        rows = [(title, name, text) for title, members in groups.items() for name, text in members]
        titles = max(len(title) for title in groups) + len(":") + _GAP
        names = max(len(name) for _, name, _ in rows) + _GAP
        before = ""
        for title, name, text in rows:
            heading, before = (f"{title}:" if title != before else ""), title
            if self._narrow:
                self.write(f"{self._bold(heading)}\n" if heading else "")
                self._write_row("  ", name, text, _GAP + _STACKED_INDENT)
            else:
                self._write_row(f"{self._bold(heading)}{' ' * (titles - len(heading))}", name, text, titles + names)

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        self.write("\n".join(_wrapped(text, self.width)) + "\n")

    def write_examples(self, lines: Iterable[str]) -> None:
        """Write command lines; one that is too long continues on the next line as a shell expects it."""
        for line in lines:
            self.write("\n".join(_continued(line, self.width - self.current_indent, " " * self.current_indent)) + "\n")

    def getvalue(self) -> str:
        """Return the text without blanks at the ends of its lines."""
        return "".join(f"{line.rstrip()}\n" for line in super().getvalue().splitlines())

    @property
    def _narrow(self) -> bool:
        return self.width < NARROW - _GAP

    def _write_row(self, lead: str, name: str, text: str, column: int) -> None:
        """Write a name after the text in front of it, and its text from a column on."""
        self.write(f"{lead}{self._named(name)}")
        used = len(click.unstyle(lead)) + len(name)
        lines = _wrapped(text, max(self.width - column, LEAST // 2))
        if self._narrow or used > column - _GAP:
            self.write("\n")
        elif lines:
            self.write(f"{' ' * (column - used)}{lines.pop(0)}\n")
        self.write("".join(f"{' ' * column}{line}\n" for line in lines))

    def _bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.color and text else text

    def _named(self, text: str) -> str:
        return re.sub(_NAME, lambda match: click.style(match.group(), fg="cyan"), text) if self.color else text


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines, but not within backticks and brackets."""

    def fixed(match: re.Match[str]) -> str:
        part = match.group()
        return part.replace(" ", _FIXED_BLANK) if len(part) <= width else part

    # Not at hyphens either: most are in names of options.
    whole = re.sub(_WHOLE, fixed, text).replace("-", _FIXED_HYPHEN)
    lines = wrap_text(whole, width, preserve_paragraphs=True)
    return lines.replace(_FIXED_BLANK, " ").replace(_FIXED_HYPHEN, "-").splitlines()


def _continued(line: str, width: int, indent: str) -> list[str]:
    """Break a command line between words, with a backslash at the end of each line but the last."""
    if len(line) <= width:
        return [f"{indent}{line}"]
    most = width + len(indent)
    parts: list[str] = []
    for part in re.findall(_OPTION_WITH_VALUE, line):
        fits = len(indent) + len("  ") + len(part) + len(" \\") <= most
        parts += [part] if fits else re.findall(_WORD, part)
    lines: list[str] = []
    for word in parts:
        if lines and len(lines[-1]) + len(word) + len("  \\") <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{indent}{'  ' if lines else ''}{word}")
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


class HelpfulCommand(SharedOptionsCommand):
    """The help of groups and commands."""

    examples: Sequence[str] = ()

    def get_help(self, ctx: click.Context) -> str:
        """Return the help for the window and the colours of the invocation."""
        formatter = formatter_of(ctx)
        self.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the description without an indent, which a narrow window has no place for."""
        formatter.write_paragraph()
        formatter.write_text(inspect.cleandoc(self.help or ""))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the command itself, and for a group its commands."""
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)
        with formatter.section("Options"):
            formatter.write_dl(self.option_rows(ctx))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the examples, and a pointer to the common options."""
        if self.examples and isinstance(formatter, HelpFormatter):
            with formatter.section("Examples"):
                formatter.write_examples(self.examples)
        formatter.write_paragraph()
        formatter.write_text(POINTER)

    def option_rows(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return the options of the command itself with their texts, --help last."""
        own = [param for param in self.params if isinstance(param, click.Option)]
        options = [*own, *filter(None, [self.get_help_option(ctx)])]
        return [record for option in options if (record := option.get_help_record(ctx)) is not None]


def formatter_of(ctx: click.Context) -> HelpFormatter:
    """Return the formatter for an invocation; without one, that of a plain window."""
    invocation = ctx.obj
    if not isinstance(invocation, Invocation):
        return HelpFormatter(WIDEST, color=False)
    return HelpFormatter(window(invocation.runtime)[0], color=help_color(invocation))
