"""The pages of docs/reference: one for each command, from what it says of itself and what it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reference import texts
from reference.command_tree import COMMANDS, EVERYTHING, GROUPS
from reference.standing import SERVES, SLOW, prepare

from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reference.shell import Shell

SHOWN: Final = 2
MOST_LINES: Final = 24
KEPT_LINES: Final = 18
NAMES: Final = """\
## Names of studies and parameters

STUDY is the number of a study (`21`), an alias (`dice`), the name of a study that you have used on this computer, or a
link to its page (`https://gui.example/study/21`, `https://gui.example/study-workspace?studyId=21`). A number has
priority over an alias, and an alias over a name.

KEY is the full name of a parameter (`dice.Macro.gamma`), the name without the study (`Macro.gamma`), or an ending that
occurs once (`gamma`). If nothing matches a KEY or a glob exactly, upper and lower case are ignored (`MACRO.GAMMA`).

`--help` of a command shows the text of its page. Each command also has a man page: `man sostrades-study-load`."""
FAILURES: Final = """\
## Failures in scripts

With `-F json` and `-F ndjson`, standard error has one JSON object if a command fails, and nothing else. Its fields are
`error`, `code`, `kind`, `study`, `hint`, `server` and `detail`; the [schema](../schemas/v1/error.json) describes them.
`kind` is a word that stays the same when the message changes. A command that succeeds can have notes there on outputs
of an earlier run; `-q` turns them off.

With `--dry-run`, a change that would be rejected ends with the code of the rejection, also with `--exit-code`: 8 while
the study is running, 2 for an invalid value.

If a result cannot be written after the server answered, for example on a full disk, the exit code is 1. If FILE of `-o`
cannot be written from the start, it is 2 and nothing is sent. A reader that closes early (`| head`) is not an error:
the exit code is 0. So use the exit code of `calc run` only if its output is read to the end."""
_ESCAPE: Final = "\x1b"
_MARKUP: Final = re.compile(r"([*<|\[\]_\\])")


def index() -> str:
    """Return the page that leads to all others."""
    lines = ["# Commands", "", *_prose(texts.paragraphs(()))]
    links = ["[Options of every command](options.md)", "[Exit codes](exit-codes.md)"]
    lines += [" · ".join([*links, "[JSON schemas](../schemas/README.md)"])]
    lines += ["", *NAMES.splitlines(), ""]
    for path, group in GROUPS.items():
        single = not path
        names = [(*path, name) for name in group.table if not single or (name,) in COMMANDS]
        if not names:
            continue
        title = "Other commands" if single else f"`{' '.join(path)}`"
        lines += [f"## {title}", "", *([] if single else _prose(texts.paragraphs(path)))]
        rows = [(f"[`{' '.join(name)}`]({texts.name_of(name)}.md)", _escaped(texts.summary(name))) for name in names]
        lines += [*_table(("command", "does"), rows), ""]
    return "\n".join(_others_last(lines))


def navigation() -> str:
    """Return the entries of the commands in the navigation of the site."""
    return "\n".join(f"          - {' '.join(path)}: reference/{texts.name_of(path)}.md" for path in COMMANDS)


def _others_last(lines: list[str]) -> list[str]:
    """Move the commands that are in no group behind the groups."""
    start = lines.index("## Other commands")
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("## ")), len(lines))
    return [*lines[:start], *lines[end:], *lines[start:end]]


def options_page() -> str:
    """Return the page of the options that every command has."""
    lines = ["# Options of every command", "", "They work with every command, in front of it or after it.", ""]
    lines += _options(texts.options_of_all())
    root = [option for option in texts.own_options(()) if "--version" in option.written]
    lines += ["", "`sostrades` alone has", "", *_options(root), "", "Every command has `-h`, `--help`."]
    lines += ["", "[Settings](settings.md) lists the variables, [Exported files](files.md) the formats of files.", ""]
    return "\n".join(lines)


def exit_codes_page() -> str:
    """Return the page of the exit codes."""
    lines = ["# Exit codes", "", "Every command ends with one of these; a script finds it in `$?`.", ""]
    return "\n".join([*lines, *_codes(ExitCode), "", *FAILURES.splitlines(), ""])


def command_page(path: tuple[str, ...], new_shell: Callable[[], Shell]) -> str:
    """Return the page of a command; ``new_shell`` makes a shell in which nothing has happened yet."""
    title, *more = texts.paragraphs(path)
    lines = [f"# sostrades {' '.join(path)}", "", _escaped(title), "", f"    {texts.usage(path)}", "", *_prose(more)]
    if given := texts.arguments(path):
        rows = [(f"`{item.written}`", _escaped(item.text)) for item in given]
        lines += ["## Arguments", "", *_table(("argument", "meaning"), rows), ""]
    if own := texts.own_options(path):
        lines += ["## Options", "", *_options(own), ""]
    lines += ["Also: [the options of every command](options.md).", "", "## Examples", ""]
    lines += _examples(path, new_shell)
    lines += ["## Exit codes", "", *_codes(texts.exit_codes(path)), "", "The others are [here](exit-codes.md).", ""]
    return "\n".join([*lines, *_formats(path), "[Commands](README.md)", ""])


def _examples(path: tuple[str, ...], new_shell: Callable[[], Shell]) -> list[str]:
    runs = [] if path == SERVES else [item for item in COMMANDS[path].examples if item not in SLOW][:SHOWN]
    lines = []
    for example in runs:
        lines += ["```console", *_session(example, new_shell), "```", ""]
    if more := [item for item in COMMANDS[path].examples if item not in runs]:
        lines += [*(["More:", ""] if runs else []), *(f"    {item}" for item in more), ""]
    return lines


def _session(example: str, new_shell: Callable[[], Shell]) -> list[str]:
    """Return what is seen on a terminal; where that moves, such as a live view, what a pipe gets."""
    for line, tty in ((example, True), (f"{example} | cat", False)):
        shell = new_shell()
        prepare(shell, example)
        done = shell.types(example, tty=tty, one_stream=True)
        if _ESCAPE not in done.out:
            recorded = [text.rstrip() for text in done.out.splitlines()]
            hidden = len(recorded) - KEPT_LINES
            cut = [*recorded[:KEPT_LINES], f"[{hidden} more lines]"] if len(recorded) > MOST_LINES else recorded
            code = ["$ echo $?", str(done.code)] if done.code else []
            return [f"$ {line}", *cut, *code]
    raise AssertionError(example)


def _formats(path: tuple[str, ...]) -> list[str]:
    command = COMMANDS[path]
    if not command.options.formats:
        return []
    name = texts.name_of(path)
    lines = ["## Formats", "", "`-F` takes " + ", ".join(f"`{item}`" for item in command.options.formats) + "."]
    if texts.gives_json(path):
        lines += [f"Schema of `json`: [{name}.json](../schemas/v1/{name}.json)."]
    return [*lines, ""]


def pages(new_shell: Callable[[], Shell]) -> Iterable[tuple[str, str]]:
    """Yield every page with the name of its file."""
    yield "README.md", index()
    yield "options.md", options_page()
    yield "exit-codes.md", exit_codes_page()
    for path in COMMANDS:
        yield f"{texts.name_of(path)}.md", command_page(path, new_shell)


def names() -> set[str]:
    """Return the names of the files that are made here."""
    return {"README.md", "options.md", "exit-codes.md"} | {f"{texts.name_of(path)}.md" for path in COMMANDS}


def _options(options: Sequence[texts.Described]) -> list[str]:
    rows = [(f"`{option.written}`".replace("|", "\\|"), _escaped(option.text)) for option in options]
    return _table(("option", "does"), rows)


def _codes(codes: Iterable[ExitCode]) -> list[str]:
    return _table(("code", "meaning"), [(str(int(code)), _escaped(code.meaning)) for code in codes])


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)]


def _prose(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in (_escaped(text), "")]


def _escaped(text: str) -> str:
    """Return a text whose signs mean nothing to Markdown, save for code in backticks."""
    parts = text.split("`")
    kept = [part.replace("|", "\\|") if n % 2 else _MARKUP.sub(r"\\\1", part) for n, part in enumerate(parts)]
    return "`".join(kept)


assert set(EVERYTHING) == set(COMMANDS) | set(GROUPS)
