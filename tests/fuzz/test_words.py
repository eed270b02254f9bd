"""Test arguments: time spans, studies, assignments, queries and lines to complete are accepted or rejected."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import click
import pytest
from click.shell_completion import CompletionItem
from completion.shells import lines
from fuzz.effort import effort
from fuzz.hostile import values
from fuzz.workspace import STUDY, Workspace
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sostrades_cli.api.models import has_tables
from sostrades_cli.cli import shell_completion
from sostrades_cli.cli.framework import COMPLETE_VARIABLE, PROGRAM
from sostrades_cli.cli.main import root
from sostrades_cli.cli.param_types import DURATION
from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.assignment_files import read_file
from sostrades_cli.operations.param.assignments import TYPED, Table, read_assignment
from sostrades_cli.operations.study.study_argument import KnownStudies, number_of, side, study_number
from sostrades_cli.output.query import check_query, search

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
paths = st.text(st.sampled_from("abc/-_.~%20"), max_size=12)
TYPES = {
    "Macro.gamma": float,
    "Macro.periods": int,
    "Macro.use_damage": bool,
    "Macro.note": str,
    "Macro.targets": list,
    "Macro.shares": dict,
}
# What people type, and a little of what nobody does.
typed = (
    words
    | st.floats().map(repr)
    | st.integers().map(str)
    | values.map(json.dumps)
    | st.sampled_from(["1e999", "9" * 5000, "[" * 3000, "0x10", "1_000", "١٢", "true", "NO", "1,5", "@no", ":=1"])
)


# Time spans -----------------------------------------------------------------------------------------


@effort(150)
@given(number=st.decimals(0, 10**4, places=3), unit=st.sampled_from("smhd"), bare=st.booleans())
def test_time_span_is_its_seconds(number: Any, unit: str, *, bare: bool) -> None:
    text = str(number) if bare else f"{number}{unit}"
    seconds = float(number) * (1 if bare else {"s": 1, "m": 60, "h": 3600, "d": 86_400}[unit])
    if seconds == 0:
        with pytest.raises(click.BadParameter):
            DURATION.convert(text, None, None)
    else:
        assert DURATION.convert(text, None, None) == pytest.approx(seconds)


@effort(150)
@given(text=words | st.sampled_from(["9" * 400, "1e5", "inf", "nan", "-1", "٣", "1.2.3", "1 s", "0.0h", "." * 30]))
@example("9" * 400)
def test_any_other_text_is_rejected_as_a_time_span(text: str) -> None:
    try:
        seconds = DURATION.convert(text, None, None)
    except click.BadParameter:
        return
    assert 0 < seconds < float("inf")


# Studies --------------------------------------------------------------------------------------------


@effort(120)
@given(
    number=st.integers(1, 10**12),
    host=st.from_regex(r"https?://[a-z0-9.-]{1,12}(:[0-9]{2,4})?", fullmatch=True),
    before=paths,
    word=st.sampled_from(["study", "study-case"]),
    tail=st.sampled_from(["", "/", "?tab=1", "#/x", "/post/3", "?study=5"]),
)
def test_link_is_parsed_as_its_study(number: int, host: str, before: str, word: str, tail: str) -> None:
    assume("study" not in before)
    link = f"{host}/{before.strip('/')}/{word}/{number}{tail}".replace("//study", "/study")
    assert number_of(link) == number
    assert study_number(f"  {link} ", None) == number


KNOWN = KnownStudies(lambda: {"dice": 21}, lambda: {"a.b": [22], "twice": [23, 24]})


@effort(120)
@given(
    text=typed
    | paths
    | st.sampled_from(["http://x/study/0", "http://x/study/٣", "²", "1" * 41, "study/21", "\x00", "~0"])
)
def test_any_argument_is_a_study_a_folder_or_rejected(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert study_number(text, KNOWN) > 0
    with contextlib.suppress(ValueError, UsageError):
        result = side(text, KNOWN)
        assert isinstance(result, Path) or result > 0


# Assignments ----------------------------------------------------------------------------------------


@effort(120)
@given(text=typed | st.tuples(words, typed).map("=".join) | st.tuples(words, typed).map(":=".join))
def test_assignment_is_split_at_the_first_equals_sign(text: str) -> None:
    with contextlib.suppress(UsageError):
        result = read_assignment(text)
        key, _, value = text.partition("=")
        assert result.key == (key[:-1] if key.endswith((":", "*")) else key).strip()
        # A missing file is a fault, and a factor has no text.
        assert result.value is not TYPED or result.text == value or result.fault or key.endswith("*")


CONTENTS = st.binary(max_size=60) | st.one_of(
    values.map(lambda value: json.dumps({"a.b": value})),
    *(typed.map(form.format) for form in ("{}", "key,value\na.b,{}\n", "x = {}")),
).map(lambda text: text.encode("utf-8", "replace"))


@pytest.mark.parametrize("suffix", [".toml", ".json", ".csv", "-"])
@effort(60)
@given(content=CONTENTS)
@example(b"a = " + b"[" * 3000)
@example(b"[" * 3000)
@example(b"a = " + b"9" * 5000)
@example(b'{"a.b": ' + b"9" * 5000 + b"}")
def test_any_file_of_assignments_is_read_or_rejected(suffix: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path("-") if suffix == "-" else Path(folder, f"wishes{suffix}")
        if suffix != "-":
            path.write_bytes(content)
        with contextlib.suppress(UsageError):
            result = read_file(path, io.TextIOWrapper(io.BytesIO(content)))
            values = [item.content if isinstance(item, Table) else item.value for item in result]
            json.dumps([value for value in values if value is not TYPED], allow_nan=False)


@pytest.fixture(scope="module")
def workspace() -> Any:
    """Return one world for many values, because values do not depend on each other."""
    made = Workspace.new("documented")
    yield made
    made.close()


@pytest.mark.parametrize("name", TYPES)
@effort(25)
@given(text=typed)
def test_any_value_is_stored_exactly_or_rejected(workspace: Workspace, name: str, text: str) -> None:
    assume("\x00" not in text)
    assume(not text.startswith("@"))
    done = workspace.types("param", "set", str(STUDY), f"dice.{name}={text}", "-F", "json", "--force")
    assert done.code in {0, 2}, done
    if done.code == 2:
        assert done.sent("/parameters") == 0
        return
    stored = workspace.study.values[name]
    assert isinstance(stored, TYPES[name])
    if done.sent("/parameters"):
        [row] = json.loads(done.outcome.out)
        assert json.dumps(row["new"]) == json.dumps(stored)
    if TYPES[name] is str:
        assert stored == text
    elif TYPES[name] in (list, dict):
        assert json.dumps(stored) == json.dumps(json.loads(text))
    # A load shows a table within a dict as a text, so the same text of a user cannot be told from a table.
    assume(not (isinstance(stored, list | dict) and has_tables(stored)))
    got = workspace.types("param", "get", str(STUDY), f"dice.{name}", "-F", "json")
    assert json.dumps(json.loads(got.outcome.out)) == json.dumps(stored)


# Queries --------------------------------------------------------------------------------------------

QUERIES = st.text(st.sampled_from("@[]{}.*|&!<>=`'\"?:,()0129ab-_ "), max_size=14) | st.sampled_from(
    [
        "[::0]",
        "sort_by(@, &a)",
        "sum(@)",
        "join(',', @)",
        "max(@)",
        "to_number(@)",
        "abs(@)",
        "@.*.*[]",
        "`[1`",
        "sort(@)",
        "map(&a, @)",
        "merge(@, @)",
        "avg(@)",
        "contains(@, 'a')",
        "min_by(@, &a)",
        "group_by(@, &a)",
        "[?a > `1`]",
        "keys(@)",
        "ceil(@)",
        "reverse(@)",
        "not_null()",
        "(" * 600,
        "[" * 600,
        "a" + ".a" * 600,
        "!" * 600 + "a",
        "&a",
        "to_string(@)",
    ]
)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of jmespath, for `1` as a literal
@effort(150)
@given(query=QUERIES, payload=values)
@example("[::0]", [1])
@example("(" * 3000, {})
@example("a" + ".a" * 3000, {})
@example("to_array(&a)", {})
def test_query_matches_or_is_rejected(query: str, payload: Any) -> None:
    with contextlib.suppress(UsageError):
        check_query(query)
        json.dumps(search(query, payload))


# Completion -----------------------------------------------------------------------------------------

# Two shells' worth of characters that mean something to them.
odd = st.text(st.sampled_from("ab.é '\"\\$`!&|;<>()[]{}*?#~^%=:@,"), min_size=1, max_size=12)
STARTS = ["", *(f"{begun} " for begun in ("param set 21", "study load", "--profile", "-F", "config set", "study diff"))]


@effort(150)
@given(name=odd, quote=st.sampled_from(["", "'", '"']))
def test_bash_inserts_one_argument(name: str, quote: str) -> None:
    bash = shell_completion.BashComplete(root, {}, PROGRAM, COMPLETE_VARIABLE)
    with mock.patch.dict(os.environ, {"COMP_WORDS": f"sostrades\n{quote}", "COMP_CWORD": "1"}):
        assert bash.get_completion_args() == ([], "")
    # The script reads lines without `read -r`, which removes one layer of backslashes.
    inserted = re.sub(r"\\(.)", r"\1", bash.format_completion(CompletionItem(name)).removeprefix("plain,"))
    if quote == '"':
        # In double quotes bash lets a backslash escape these two as well, which shlex does not.
        inserted = re.sub(r"\\(.)", lambda pair: pair[1] if pair[1] in "$`" else pair[0], inserted)
    assert shlex.split(f"{quote}{inserted}{quote}") == [name]


@pytest.mark.parametrize("shell", shell_completion.SHELLS)
@effort(40)
@given(start=st.sampled_from(STARTS), line=odd | words)
def test_any_line_is_completed(shell: str, start: str, line: str) -> None:
    assume("\0" not in line and line.strip())
    environ = {f"SOSTRADES_{name}_DIR": "/nowhere" for name in ("CONFIG", "CACHE", "STATE")}
    answer = lines(environ, shell, f"sostrades {start}{line}".split(" "))
    assert len(answer) % (3 if shell in {"powershell", "zsh"} else 1) == 0
