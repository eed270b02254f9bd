"""Click's shell completion for bash, zsh, fish and PowerShell, extended for names with special characters."""

from __future__ import annotations

import os
import re
from typing import ClassVar, Final

import click
from click import shell_completion
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from sostrades_cli.cli.framework import COMPLETE_VARIABLE, PROGRAM
from sostrades_cli.completion.candidates import paths

# Regular expressions are strings here, because a TAB press uses only a few of them.
# Readline splits words at these characters, and replaces only the text after the last one.
_BASH_BREAK: Final = r"[=:@]+"
_BASH_CLOSED: Final = r"""(?:[^'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*"""
# For each open quote: the special characters of bash, and their quoted form.
_BASH_QUOTED: Final = {
    "": (r"""([\s!"#$&'()*;<>?\[\\\]^`{|}~])""", r"\\\1"),
    '"': (r'(["$\\`])', r"\\\1"),
    "'": ("'", r"'\\''"),
}
_POWERSHELL_PLAIN: Final = r"[\w./\\:=+-]*"
_POWERSHELL_QUOTES: Final = "(['\u2018-\u201b])"  # the typographic ones count as well


class WholeWordComplete(ShellComplete):
    """Completion whose candidates are printable whole words, because shells replace the whole word."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return candidates with the option before its value: ``--format=json``, not ``json``."""
        option, sign, _ = incomplete.partition("=")
        lead = option + sign if sign and option.startswith("-") and "--" not in args else ""
        items = super().get_completions(args, incomplete)
        if lead:
            items = [CompletionItem(f"{lead}{item.value}", help=item.help) for item in _listed(items)]
        return [item for item in items if item.value.isprintable()]


def _listed(items: list[CompletionItem[str]]) -> list[CompletionItem[str]]:
    """Expand files and folders, because shells would match the whole word against file names."""
    listed = []
    for item in items:
        if item.type in {"file", "dir"}:
            listed += [CompletionItem(path.value) for path in paths(item.value, folders_only=item.type == "dir")]
        else:
            listed.append(item)
    return listed


class BashComplete(WholeWordComplete, shell_completion.BashComplete):
    """Click's completion for bash. It joins words that readline splits at ``=``, ``:`` and ``@``."""

    # Click's script needs bash 4.4 for `nosort` and `compopt`. This one also works in bash 3.2, which macOS has.
    source_template: ClassVar[str] = r"""
%(complete_func)s() {
    local IFS=$'\n'
    local response completion type value
    local old="" word="" kept=""

    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete $1)

    # Before bash 4, words are passed whole, but readline replaces only the text after the last =, : or before @.
    if ! type compopt >/dev/null 2>&1; then
        old=1
        word=${COMP_WORDS[COMP_CWORD]}
        kept=${word%%"${word##*[=:@]}"}
        kept=${kept%%@}
    fi

    COMPREPLY=()
    for completion in $response; do
        IFS=',' read type value <<< "$completion"

        if [[ $type == 'plain' ]]; then
            if [[ $old ]]; then
                value=${value#"$kept"}
                [[ $value == *[=/] ]] || value="$value "
            elif [[ $value == *[=/] ]]; then
                compopt -o nospace
            fi
            COMPREPLY+=("$value")
        elif [[ $type == 'dir' ]]; then
            [[ $old ]] || compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            [[ $old ]] || compopt -o default
        fi
    done

    return 0
}

%(complete_func)s_setup() {
    if ! type compopt >/dev/null 2>&1; then
        complete -o nospace -o default -F %(complete_func)s %(prog_name)s
    elif ! complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null; then
        complete -F %(complete_func)s %(prog_name)s
    fi
}

%(complete_func)s_setup;
""".lstrip()

    _quote = ""
    _kept = 0

    def source(self) -> str:
        """Return the script, without a check of bash's version, because it may be for another machine."""
        # Click's bash class would run bash to check its version.
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor and the current word, and store the part of it that bash keeps."""
        pieces = os.environ["COMP_WORDS"].split("\n")[1 : int(os.environ["COMP_CWORD"]) + 1] or [""]
        words: list[str] = []
        is_break = False
        for piece in pieces:
            continues = piece and is_break
            is_break = re.fullmatch(_BASH_BREAK, piece) is not None
            if words and (continues or (is_break and not piece.startswith("@"))):
                # Join `KEY`, `=` and `VALUE`, which readline passes as three words.
                words[-1] += piece
            else:
                words.append(piece)
        last, word = pieces[-1], words[-1]
        closed = _closed_length(last)
        self._quote = last[closed : closed + 1].strip("\\")
        if self._quote:
            kept = word[: len(word) - len(last) + closed]
        else:
            # Readline treats @ as the first character of a word, so it is not kept.
            kept = (word if is_break else word[: len(word) - len(last)]).removesuffix("@")
        self._kept = len(_unquoted(kept))
        return [_unquoted(part) for part in words[:-1]], _unquoted(word)

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Quote the part of a word that bash inserts, and escape it for ``read`` in click's script."""
        pattern, quoted = _BASH_QUOTED[self._quote]
        inserted = re.sub(pattern, quoted, item.value[self._kept :])
        return f"{item.type}," + re.sub(r"([,\\])", r"\\\1", inserted)


def _closed_length(piece: str) -> int:
    """Return the length of a word before an open quote."""
    match = re.match(_BASH_CLOSED, piece, re.DOTALL)
    return match.end() if match is not None else 0


def _unquoted(word: str) -> str:
    return "".join(split_arg_string(word))


class ZshComplete(WholeWordComplete, shell_completion.ZshComplete):
    """Click's completion for zsh, without a space after ``KEY=`` and ``folder/``."""

    source_template: ClassVar[str] = shell_completion.ZshComplete.source_template.replace(
        "        compadd -U -V unsorted -a completions\n",
        "        compadd -U -V unsorted -- ${completions:#*[=/]}\n"
        "        compadd -U -V unsorted -S '' -- ${(M)completions:#*[=/]}\n",
    )

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Escape backslashes in a word with a description. Zsh reads them as escaped colons."""
        if item.help:
            item = CompletionItem(item.value.replace("\\", r"\\"), item.type, item.help)
        return super().format_completion(item)


class FishComplete(WholeWordComplete, shell_completion.FishComplete):
    """Click's completion for fish, with support for commas in words and descriptions."""

    source_template: ClassVar[str] = shell_completion.FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


class PowerShellComplete(WholeWordComplete, shell_completion.PowerShellComplete):
    """Click's completion for PowerShell, with quotes around words that it would split or expand."""

    # Windows decodes the output of programs in an old code page. A host without a console refuses another one.
    source_template: ClassVar[str] = shell_completion.PowerShellComplete.source_template.replace(
        "    try {\n        $response =",
        "    $prev_encoding = [Console]::OutputEncoding\n"
        "    try { [Console]::OutputEncoding = [System.Text.Encoding]::UTF8 } catch { }\n"
        "    try {\n        $response =",
    ).replace(
        "    } finally {\n", "    } finally {\n        try { [Console]::OutputEncoding = $prev_encoding } catch { }\n"
    )

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Quote a word with special characters."""
        if item.type == "plain" and re.fullmatch(_POWERSHELL_PLAIN, item.value) is None:
            quoted = re.sub(_POWERSHELL_QUOTES, r"\1\1", item.value)
            item = CompletionItem(f"'{quoted}'", help=item.help)
        return super().format_completion(item)


SHELLS: Final[dict[str, type[ShellComplete]]] = {
    complete.name: complete for complete in (BashComplete, FishComplete, PowerShellComplete, ZshComplete)
}


def register() -> None:
    """Replace click's completion classes by these classes."""
    for complete in SHELLS.values():
        shell_completion.add_completion_class(complete)


def script_of(shell: str) -> str:
    """Return the completion script of a shell. It contains the program's name and none of its commands."""
    return SHELLS[shell](click.Command(PROGRAM), {}, PROGRAM, COMPLETE_VARIABLE).source()
