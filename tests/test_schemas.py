"""Test that docs/schemas describes the output of `-F json`, on documented servers and on 5.3, and after errors."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow
from contract.document import DOCUMENT
from jsonschema import Draft202012Validator
from reference import texts
from reference.command_tree import COMMANDS, line_of, parsed
from reference.schemas import FOLDER, SCHEMAS, check
from reference.shell import Corporate, shell_of
from reference.standing import BEFORE, SLOW, prepare

from server_stub.faults import Fault
from sostrades_cli import errors
from sostrades_cli.errors import SostradesError
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from conftest import Outcome, User
    from reference.shell import Shell

OF_NO_COMMAND = {"analysis", "error", "events"}
WITH_JSON = [path for path in COMMANDS if texts.gives_json(path)]
EXAMPLES = [item for path in WITH_JSON for item in COMMANDS[path].examples if item not in SLOW]
# The examples of `calc optimize` run many cases.
FIRST = {COMMANDS[path].examples[0] for path in WITH_JSON if path != ("calc", "optimize")}
ON_STUDY_21 = [path for path in WITH_JSON if "21" in COMMANDS[path].examples[0].split()]
# A description begins with the thing and not with a clause, and no program in it is a person.
CLAUSE = re.compile(r"^(?:How|Its|That|What|When|Where|Which|Who|Why)\b|\b(?:asked|looked at|takes? in|tells?|told)\b")
# They ask nothing of the server.
LOCAL = {("alias", "set"), ("param", "history"), ("calc", "history")}
# What the examples do not show: tables, other kinds of charts, several studies, failures of a part.
FURTHER = [
    "sostrades calc run 21 --detach",
    "sostrades calc run 22",
    "sostrades calc run 21 22 --detach",
    "sostrades calc watch 21 22",
    "sostrades calc status 21 22 99",
    "sostrades param get 21 Macro.population",
    "sostrades param get 21 Macro.regions",
    "sostrades param get 21 Macro.remark",
    "sostrades param list 21 --all",
    "sostrades postproc show 21 'Energy mix'",
    "sostrades postproc show 21 'Output table'",
    "sostrades postproc show 21 'Native heat'",
    "sostrades postproc list 27",
    "sostrades postproc diff 21 27",
    "sostrades postproc diff 21 34 --numbers",
    "sostrades postproc list 22",
    "sostrades study copy 21 copied",
    "sostrades study diff 21 27",
    "sostrades study diff 21 34 --outputs",
]


def descriptions(node: Any) -> Iterator[str]:
    """Yield the descriptions and summaries below a node of a document."""
    if isinstance(node, list):
        for item in node:
            yield from descriptions(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in {"description", "summary"} and isinstance(value, str):
                yield value
            else:
                yield from descriptions(value)


def check_output(shell: Shell, example: str) -> Outcome:
    """Run a line with `-F json`, and validate its output and its error."""
    words = parsed(example).arguments
    path = next(path for path in WITH_JSON if words[: len(path)] == path)
    done = shell.types(example, "-F", "json")
    written = shell.folder / words[words.index("-o") + 1] if "-o" in words else None
    is_result = written is not None and written.exists() and done.code == 0 and not done.out
    text = written.read_text(encoding="utf-8") if written and is_result else done.out
    if "--query" not in words and (text or done.code == 0):
        check(texts.name_of(path), json.loads(text))
    check_error(done)
    return done


def check_error(done: Outcome) -> None:
    """Check that standard error has one error object if the command failed, and is empty otherwise."""
    if done.code in {ExitCode.DONE, ExitCode.DIFFERENT}:
        assert done.err == ""
        return
    error = json.loads(done.err)
    check("error", error)
    assert error["code"] == done.code


@pytest.fixture
def shell(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell against a documented server."""
    return shell_of(user, tmp_path / "work", monkeypatch)


def test_every_command_with_json_has_a_schema() -> None:
    """No other schema exists, except those of events and errors."""
    assert set(SCHEMAS) == {texts.name_of(path) for path in WITH_JSON} | OF_NO_COMMAND


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid_and_documented(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:sostrades:schema:v1:{name}"
    assert schema["title"] == (name if name in OF_NO_COMMAND else name.replace("-", " ")) or name in OF_NO_COMMAND
    assert schema["description"].endswith(".")


@pytest.mark.parametrize("name", [*SCHEMAS, "openapi"])
def test_descriptions_are_plain(name: str) -> None:
    document = DOCUMENT if name == "openapi" else SCHEMAS[name]
    assert [text for text in descriptions(document) if CLAUSE.search(text)] == []


@pytest.mark.parametrize(
    "example", [item if item in FIRST else pytest.param(item, marks=pytest.mark.slow) for item in EXAMPLES]
)
def test_output_of_an_example_matches_its_schema(shell: Shell, example: str) -> None:
    prepare(shell, example)
    check_output(shell, example)


@pytest.mark.parametrize("example", FURTHER)
def test_output_beyond_the_examples_matches_its_schema(shell: Shell, example: str) -> None:
    """Tables, other kinds of charts, several studies and partial failures."""
    check_output(shell, example)


@pytest.mark.slow
def test_output_for_server_5_3_matches_its_schema(
    user53: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = shell_of(user53, tmp_path / "work", monkeypatch)
    failed = [example for example in EXAMPLES if example not in BEFORE and check_output(shell, example).code]
    assert failed


@pytest.mark.parametrize("path", ON_STUDY_21, ids=line_of)
@pytest.mark.parametrize("study", ["25", slow("99")])
def test_error_matches_its_schema(shell: Shell, path: tuple[str, ...], study: str) -> None:
    example = COMMANDS[path].examples[0]
    prepare(shell, example)
    done = check_output(shell, example.replace(" 21", f" {study}"))
    # The server gives the link of any study to anyone.
    gives_link = path in {("study", "url"), ("study", "open")} and study == "25"
    assert bool(done.code) is (path not in LOCAL and not gives_link)


@pytest.mark.parametrize("line", ["calc run 22", "calc watch 21 22 99", "calc watch 24"])
def test_events_match_their_schema(shell: Shell, line: str) -> None:
    done = shell.types(f"sostrades {line} -F ndjson")
    events = [json.loads(splitline) for splitline in done.out.splitlines()]
    assert events
    for event in events:
        check("events", event)
    check_error(done)


class TroubledServer(Corporate):
    """A server that drops connections from the fifth request on for a while."""

    requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or not."""
        self.requests += 1
        if self.requests == 5:
            self.world.faults.arm(Fault("drop", count=3, path="status"))
        return super().handle_request(request)


def test_every_event_of_the_schema_occurs(shell: Shell) -> None:
    """Including outages and stalls."""
    recorded = []
    for line in ("calc run 21", "calc watch 26 --timeout 20m"):
        shell.user.transport = TroubledServer(shell.user)
        events = [json.loads(splitline) for splitline in shell.types(f"sostrades {line} -F ndjson").out.splitlines()]
        for event in events:
            check("events", event)
        recorded += [event["event"] for event in events]
    assert set(recorded) == set(SCHEMAS["events"]["$defs"])


def test_strict_validation_rejects_changed_output() -> None:
    """New, missing and retyped fields are rejected, while readers may accept new ones."""
    good = {"path": "config.toml", "exists": True}
    check("config-path", good)
    for wrong in ({**good, "new": 1}, {"path": "config.toml"}, {**good, "exists": "yes"}, [good]):
        with pytest.raises(Exception, match=r"Unevaluated|required|is not of type"):
            check("config-path", wrong)
    Draft202012Validator(SCHEMAS["config-path"]).validate({**good, "new": 1})


def test_error_schema_has_every_kind_and_code() -> None:
    fields = SCHEMAS["error"]["properties"]
    kinds = {
        error.kind for error in vars(errors).values() if inspect.isclass(error) and issubclass(error, SostradesError)
    }
    assert set(fields["kind"]["enum"]) == kinds - {"different"}
    assert set(fields["code"]["enum"]) == set(map(int, ExitCode)) - {0, 9}


def test_example_of_the_readme_works(shell: Shell) -> None:
    text = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    snippet = text.partition("```python\n")[2].partition("```")[0]
    (shell.folder / "status.json").write_text(shell.types("sostrades calc status 21 -F json").out, encoding="utf-8")
    assert str(FOLDER.parent.parent.parent)
    snippet = snippet.replace('open("status.json")', "document").replace('"docs/schemas/v1"', "folder")
    with (shell.folder / "status.json").open(encoding="utf-8") as document:
        exec(snippet, {"document": document, "folder": FOLDER})  # noqa: S102 - it is the README's own
