"""What a user types, as a value of the declared type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.operations.param import coercion
from sostrades_cli.operations.tables.equality import equal

KEY = "dice.Macro.gamma"
quickly = settings(deadline=None, max_examples=80)
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | finite | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def refusal(text: str, declared: str) -> UsageError:
    """Return the error that a text is for a declared type."""
    with pytest.raises(UsageError) as caught:
        coercion.parse(text, declared, KEY)
    assert exit_code_of(caught.value) is ExitCode.USAGE
    return caught.value


@quickly
@given(finite)
def test_a_float_is_read_as_it_was_written(number: float) -> None:
    """Every finite double comes back from its own text, to the last bit."""
    read = coercion.parse(repr(number), "float", KEY)
    assert isinstance(read, float)
    assert repr(read) == repr(number)


@quickly
@given(st.integers())
def test_an_int_is_read_as_it_was_written(number: int) -> None:
    """Every whole number comes back from its own text, and is a float where a float is declared."""
    assert coercion.parse(repr(number), "int", KEY) == number
    assert type(coercion.parse(repr(number), "int", KEY)) is int
    assert type(coercion.parse("5", "float", KEY)) is float


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2020", 2020),
        ("2020.0", 2020),
        ("2020.", 2020),
        ("-5.00", -5),
        ("2.02e3", 2020),
        ("1" + "0" * 30 + ".0", 10**30),
    ],
)
def test_a_whole_number_is_an_int_however_it_is_written(text: str, number: int) -> None:
    """As a text, and as a float of pandas or numpy, which upcast ints that stand beside floats."""
    assert coercion.parse(text, "int", KEY) == number
    assert type(coercion.parse(text, "int", KEY)) is int


@pytest.mark.parametrize(
    ("value", "declared", "expected"),
    [(2020.0, "int", 2020), (-0.0, "int", 0), (1.0, "bool", True), (0.0, "bool", False), (1, "bool", True)],
)
def test_a_typed_number_is_the_int_or_the_boolean_that_it_stands_for(
    value: float, declared: str, expected: object
) -> None:
    """JSON, TOML and the library give floats for ints and booleans that stood beside floats."""
    found = coercion.fitting(value, declared, KEY)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "declared"), [(2020.5, "int"), (1e17, "int"), (2.0, "bool"), (True, "int"), ("1.0", "bool")]
)
def test_another_typed_value_is_refused(value: object, declared: str) -> None:
    """A fraction, a float too large to be exact, and what is no number stand for no int and no boolean."""
    with pytest.raises(UsageError):
        coercion.fitting(value, declared, KEY)


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "on", "1", "1.0", " true "])
def test_words_for_true(word: str) -> None:
    """`true` and its like, in any case, are true."""
    assert coercion.parse(word, "bool", KEY) is True


@pytest.mark.parametrize("word", ["false", "False", "FALSE", "no", "off", "0", "0.0", " false "])
def test_words_for_false(word: str) -> None:
    """`false` and its like, in any case, are false."""
    assert coercion.parse(word, "bool", KEY) is False


@quickly
@given(texts, st.sampled_from(["string", "proc_builder_modal", "<class 'numpy.ndarray'>"]))
def test_a_text_stays_as_it_is(text: str, declared: str) -> None:
    """A text is taken to the letter, blanks and quotes included, also for a type that nobody knows."""
    assert coercion.parse(text, declared, KEY) == text


@quickly
@given(st.lists(anything, max_size=4), st.booleans())
def test_a_list_is_read_as_its_json(value: list[Any], ascii_only: bool) -> None:
    """Every JSON list is itself, whether or not its text is ASCII."""
    read = coercion.parse(json.dumps(value, ensure_ascii=ascii_only), "list", KEY)
    assert repr(read) == repr(value)


@quickly
@given(st.dictionaries(texts, anything, max_size=4), st.booleans())
def test_a_dict_is_read_as_its_json(value: dict[str, Any], ascii_only: bool) -> None:
    """Every JSON object is itself, in its order."""
    read = coercion.parse(json.dumps(value, ensure_ascii=ascii_only), "dict", KEY)
    assert repr(read) == repr(value)


@quickly
@given(anything.filter(lambda value: not isinstance(value, str)))
def test_a_value_of_unknown_type_is_read_as_json(value: object) -> None:
    """Where the type cannot be learned JSON is JSON."""
    assert repr(coercion.parse_undeclared(json.dumps(value), KEY)) == repr(value)


@pytest.mark.parametrize("text", ["hello", "", "1,5", "[1, 2", "True", "0x10", "'7'", "007", "café", " x "])
def test_what_is_no_json_is_a_text_where_the_type_is_unknown(text: str) -> None:
    """Where the type cannot be learned anything that is not JSON is a text."""
    assert coercion.parse_undeclared(text, KEY) == text


@pytest.mark.parametrize("declared", ["string_list", "float_list", "int_list", "dict_list", "string_list_list"])
def test_legacy_types_of_lists_take_lists(declared: str) -> None:
    """The older names of list types take a list, and only a list."""
    assert coercion.parse("[1]", declared, KEY) == [1]
    assert "[1.0, 2.0]" in str(refusal('{"a": 1}', declared).hint)


@pytest.mark.parametrize(
    ("declared", "text", "help_with"),
    [
        ("float", "nan", "finite"),
        ("float", "NaN", "finite"),
        ("float", "inf", "finite"),
        ("float", "-Infinity", "finite"),
        ("float", "1e999", "double"),
        ("float", "1,5", "1.5"),
        ("float", "-1,5", "-1.5"),
        ("float", "", "12.5"),
        ("float", "12.5 kg", "12.5"),
        ("float", "1_000", "write 1000"),
        ("float", "\u0661", "12.5"),
        ("float", "[1.0]", "12.5"),
        ("float", "0x10", "12.5"),
        ("int", "2.5", "whole"),
        ("int", "1e-3", "whole"),
        ("int", "1_000", "write 1000"),
        ("int", "1,234", "1234"),
        ("float", "1,234", "1234 or 1.234"),
        ("float", "1,234.5", "write 1234.5"),
        ("float", "1.D+03", "write 1.e+03"),
        ("int", "", "whole"),
        ("int", "true", "whole"),
        ("int", "\u0661", "whole"),
        ("int", "9" * 5000, "digits"),
        ("bool", "maybe", "true or false"),
        ("bool", "2", "true or false"),
        ("bool", "", "true or false"),
        ("string", "a\udcffb", "UTF-8"),
        ("list", "[NaN]", "NaN"),
        ("list", "[-Infinity]", "-Infinity"),
        ("list", "[1e999]", "1e999"),
        ("list", "1.0, 2.0", "[1.0, 2.0]"),
        ("list", '{"a": 1}', "[1.0, 2.0]"),
        ("list", "[1.0,]", "[1.0, 2.0]"),
        ("list", "['a']", "[1.0, 2.0]"),
        ("list", "[" * 100_000, "[1.0, 2.0]"),
        ("list", '["\\ud800"]', "character"),
        ("list", "", "[1.0, 2.0]"),
        ("dict", "[1.0]", '{"a": 1.0}'),
        ("dict", "{'a': 1.0}", '{"a": 1.0}'),
        ("dict", '{"a": NaN}', "NaN"),
        ("dict", '{"\\udc00": 1}', "character"),
        ("dict", "null", '{"a": 1.0}'),
    ],
)
def test_what_the_server_cannot_hold_is_refused(declared: str, text: str, help_with: str) -> None:
    """What the type does not take, or what comes back as something else, is wrong usage, with a way out."""
    error = refusal(text, declared)
    assert KEY in error.message
    assert help_with in str(error.hint)
    assert len(error.message) < 300


@pytest.mark.parametrize("text", ["NaN", "Infinity", "[1e999]", '"\\ud800"', "\udcff"])
def test_the_same_is_refused_where_the_type_is_unknown(text: str) -> None:
    """Also without a type nothing is sent that comes back as no value."""
    with pytest.raises(UsageError):
        coercion.parse_undeclared(text, KEY)


@pytest.mark.parametrize("declared", ["dataframe", "array"])
@pytest.mark.parametrize("text", ["[]", '[{"a": 1}]', '{"a": [1]}', "1", "x"])
def test_tables_and_arrays_take_files_only(declared: str, text: str) -> None:
    """JSON for a table or an array is refused, since the server would take it and the next run would fail."""
    error = refusal(text, declared)
    assert "CSV file" in error.message
    assert f"{KEY}=@FILE.csv" in str(error.hint)


@quickly
@given(anything)
def test_a_value_is_the_same_as_itself(value: object) -> None:
    """A value is the same as what JSON makes of it."""
    assert equal(value, json.loads(json.dumps(value)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (5, 5.0, True),
        (1, True, False),
        (0.0, False, False),
        ("5", 5, False),
        (None, "", False),
        (None, 0, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ([[True]], [[1]], False),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": True}, {"a": 1}, False),
        ("a", "a ", False),
        (9007199254740993, 9007199254740992, False),
    ],
)
def test_which_values_are_the_same(one: object, other: object, expected: bool) -> None:
    """Numbers are compared by value, bools are no numbers, the order of an object's keys does not count."""
    assert equal(one, other) is expected
    assert equal(other, one) is expected
