"""Hints of the command line in the words of the library: ``--overwrite`` is ``overwrite=True``."""

from __future__ import annotations

import re
from typing import Final

# Phrases that name a command together with its options.
_PHRASES: Final = (
    ("`sostrades param set` with --force", "`study.set` with force=True"),
    ("add KEY=VALUE or --from FILE", 'give at least one value, for example {"Macro.gamma": 0.3}'),
)
_FLAGS: Final = (
    "allow-http|changed|dry-run|fail-fast|force|ours|outputs|overwrite|resume|retry-failed|skip-files|theirs"
)
_TEXTS: Final = "host|match|node|profile|unit"
_DURATIONS: Final = "max-outage|read-timeout|timeout|wait-start"
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
# A whole command line stays as it is, because it is for a terminal.
_COMMAND: Final = r"`sostrades [^`]*`|\Asostrades [a-z][^`]*"
_ARGUMENT: Final = re.compile(
    rf"""
    (?P<command> {_COMMAND.replace(" ", "[ ]")} )
    | (?P<quote> `? )
      --(?: (?P<flag> {_FLAGS}) (?![a-z-])
          | (?P<text> {_TEXTS}) [ =] (?P<value> '[^']*' | [^\s`,)]+ )
          | (?P<duration> {_DURATIONS}) [ =] (?P<number> [0-9.]+ ) (?P<seconds> [smh] ) )
      (?P=quote)
    """,
    re.VERBOSE,
)
_OPTION: Final = re.compile(rf"{_COMMAND}|(?P<option>--[a-z])")


def in_python(hint: str) -> str:
    """Return a hint with the options of the command line as arguments of the library, as far as it has them."""
    for words, replacement in _PHRASES:
        hint = hint.replace(words, replacement)
    return _ARGUMENT.sub(_argument, hint)


def has_options(hint: str) -> bool:
    """Return whether a hint has options that are not part of a command line."""
    return any(match["option"] for match in _OPTION.finditer(hint))


def _argument(match: re.Match[str]) -> str:
    if match["command"]:
        return match[0]
    name = (match["flag"] or match["text"] or match["duration"]).replace("-", "_")
    if match["flag"]:
        return f"{name}=True"
    if match["text"]:
        return f'{name}="{match["value"].strip(chr(39))}"'
    return f"{name}_s={float(match['number']) * _SECONDS[match['seconds']]:g}"
