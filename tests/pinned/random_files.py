"""Random CSV files of cells that are hard to read."""

from __future__ import annotations

import csv
import io
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

HOSTILE = (
    *("", "None", "none", "NaN", "nan", "NA", "inf", "-inf", "Infinity", "+inf", "INF", "True", "False", "true"),
    *("FALSE", "tRUE", " True", "yes", "1e309", "-1e309", "(1e309)", "1e-400", "5e-324", "1.7976931348623157e308"),
    *(
        "1_000",
        "0x1f",
        "0b1",
        "0o7",
        "007",
        "00",
        "-0",
        "-0.0",
        "+3.5",
        "(1)",
        "(-1)",
        "((1))",
        "()",
        "(1,)",
        "1,",
        "...",
    ),
    *(
        "2+3j",
        "1j",
        "-1j",
        "(1+2j)",
        "1e309j",
        "2-3",
        "3*2",
        "'5'",
        "'None'",
        "''",
        '"it\'s"',
        "'a\\nb'",
        "'\\d'",
        "b'x'",
    ),
    *(
        "r'x'",
        "f'x'",
        "'a' 'b'",
        "'''x'''",
        "{}",
        "[]",
        "set()",
        "{1}",
        "{'a': 1}",
        "{1: [2]}",
        "[1, 2]",
        "[1 2]",
        "[1. 2.]",
    ),
    *(
        "[ 1.  2.5]",
        "[[1 2] [3 4]]",
        "[[1. 2.]\n [3. 4.]]",
        "[1, 2.5, 'a']",
        "['a' 'b']",
        "['a' 1]",
        "[None 1]",
        "[a b]",
    ),
    *(
        "[1 2",
        "[ ]",
        "[ [ 1 ] ]",
        "[1 [2 3]]",
        "[[1] [2 3]]",
        "[1] [2]",
        "[0. 1. ... 8. 9.]",
        "[array([1., 2.]), array([3.])]",
    ),
    *(
        "[array([1, 2]), array([3, 4])]",
        "array([1.0, 2.5])",
        "[array(1.0), 2]",
        "[True False]",
        "[1+2j 3.]",
        "[18446744073709551615 1]",
    ),
    *(
        "[9223372036854775808 -1]",
        "[18446744073709551616 1]",
        "[nan 1.]",
        "[{'a': 1} 2]",
        "{'a': nan}",
        "{'2020': 1.0, 'x': None}",
    ),
    *(
        "2020-01-01",
        "2020-10-11",
        "2020-01-01 12:00:00",
        "12:30",
        "1/2/2020",
        "1;2,5",
        "1 2",
        "- 5",
        "--1",
        "1e",
        "1e+",
        ".",
        "+",
    ),
    *(
        "1\u00a0",
        "\u00a01.5",
        "\u20071",
        "1\u2009000",
        "\uff11",
        "\u0661",
        "\u22121",
        "1\u200b",
        "\ufeff1",
        " 1",
        "1 ",
        "\t2.5\t",
        "1\x0b",
    ),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
    ),
    *(
        "18446744073709551616",
        "18446744073709551616.5",
        "-18446744073709551616.5",
        "99999999999999999999",
        "12345678901234567890123",
    ),
    *(
        "18446744073709551615.5",
        "-99999999999999999999x",
        "1e20",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740993.0",
    ),
    *(
        "0.000000000000000012345",
        "00000000000000000000000001.5",
        "0e309",
        "0.001e311",
        "10e308",
        "1e4294967296",
        "-1e-700",
    ),
    *(
        "1e00000000000000005",
        "1e000000000000000005",
        ".5",
        "5.",
        ".5e3",
        "1.e5",
        "1E+05",
        "1d5",
        "1f",
        "1if",
        "é",
        "x y",
        "a,b",
    ),
    *(
        'say "hi"',
        "a\nb",
        "a\rb",
        "a\r\nb",
        "a\0b",
        "1\0",
        "\\",
        "'",
        '"',
        "''''",
        "a\\'b",
        "=1+2",
        "#x",
        "lambda: 1",
        "if",
        "None ",
    ),
    *(
        "  None",
        "\tNone",
        "'x' ",
        " 'x'",
        "(0.30000000000000004)",
        "( 0.5 )",
        "(0.1",
        "0.1)",
        "1.5)",
        "(2.50e+3)",
        "(1e5)",
        "-(1)",
    ),
)
ALPHABET = "0123456789..--++eE  ,[]{}()'\"\\ \tnaifTrueNoj_x:\n"


def _number(random_: random.Random) -> str:
    kind = random_.randrange(4)
    if kind == 0:
        value = struct.unpack("<d", struct.pack("<Q", random_.getrandbits(64)))[0]
    elif kind == 1:
        value = random_.uniform(-1000, 1000)
    elif kind == 2:
        value = 10 ** random_.uniform(-6, 0) * random_.choice([-1, 1])
    else:
        value = 10 ** random_.uniform(-320, 308)
    return repr(value) if random_.random() < 0.8 else f"{value:.{random_.randrange(22)}{random_.choice('efgE')}}"


def _digits(random_: random.Random, most: int) -> str:
    return "".join(random_.choices("0123456789", k=random_.randrange(most)))


def _written_number(random_: random.Random) -> str:
    text = random_.choice(["", "", "-", "+"]) + random_.choice(["", "", "0", "000"]) + _digits(random_, 24)
    if random_.random() < 0.7:
        text += "." + random_.choice(["", "", "0000000"]) + _digits(random_, 24)
    if random_.random() < 0.3:
        most = random_.choice([9, 330, 700])
        text += random_.choice("eE") + random_.choice(["", "-", "+"]) + str(random_.randrange(most))
    return text


def _integer(random_: random.Random) -> str:
    bits = random_.choice([4, 31, 53, 62, 63, 64, 65, 80])
    return str(random_.choice([-1, 1, 1]) * random_.getrandbits(bits))


def _number_with_blanks(random_: random.Random) -> str:
    blanks = ["", " ", "  ", "\t", "\x0b", "\x0c", "\u00a0", "\u2003", "\u200b", "\x1c", "\x85"]
    return random_.choice(blanks) + random_.choice([_number, _integer])(random_) + random_.choice(blanks)


def _printed_array(random_: random.Random) -> str:
    items = [random_.choice([_number, _integer])(random_) for _ in range(random_.randrange(5))]
    row = (
        random_.choice(["[", "[ "]) + random_.choice([" ", "  ", ", ", "\n "]).join(items) + random_.choice(["]", " ]"])
    )
    return random_.choice(
        [row, row, f"[{row} {row}]", f"[{row}\n {row}]", f"array({row})", f"[array({row}), array({row})]"]
    )


def _literal(random_: random.Random) -> str:
    number = _number(random_)
    return random_.choice([f"({number})", repr(number), f"[{number}, None]", f"{{'a': {number}}}", f"({number},)"])


def _noise(random_: random.Random) -> str:
    return "".join(random_.choices(ALPHABET, k=random_.randrange(12)))


def _boolean(random_: random.Random) -> str:
    return random_.choice(["True", "False", "true", "FALSE", "tRUE", "None", "1"])


def _date(random_: random.Random) -> str:
    return f"{random_.randrange(1900, 2100)}-{random_.randrange(1, 13):02}-{random_.randrange(1, 29):02}"


def _hostile(random_: random.Random) -> str:
    return random_.choice(HOSTILE)


def _short_decimal(random_: random.Random) -> str:
    return str(round(random_.uniform(-1000, 1000), random_.randrange(12)))


FAMILIES: tuple[Callable[[random.Random], str], ...] = (
    *(_number, _short_decimal, _written_number, _integer, _number_with_blanks, _boolean, _date),
    *(_printed_array, _literal, _noise, _hostile),
)
NAMES = ("a", "b", "a", "a.1", "a.2", "", "variable", "value", "Unnamed: 1", "1", " x", "years")
RAW = ("a", "1", "2.5", ",", ",", ",", "\n", "\n", "\r", "\r\n", '"', '""', " ", "  ", "\t", "\0", "'", "é", "\ufeff")


def _column(random_: random.Random, rows: int) -> list[str]:
    """Return cells of one or two families, sometimes with one hostile cell among them."""
    families = random_.choices(FAMILIES, k=random_.choice([1, 1, 2]))
    cells = [random_.choice(families)(random_) for _ in range(rows)]
    if random_.random() < 0.2:
        cells[random_.randrange(rows)] = _hostile(random_)
    return cells


def random_file(random_: random.Random) -> tuple[bytes, str, int]:
    """Return a file of random cells, the declared type, and the number of cells."""
    rows = random_.randrange(1, 40)
    declared = random_.choice(["dataframe"] * 4 + ["list", "array", "dict", "tables"])
    columns = [_column(random_, rows) for _ in range(random_.randrange(1, 4))]
    names = random_.choices(NAMES, k=len(columns))
    if declared in {"dict", "tables"}:
        names = ["variable", "value", *(f"c{number}" for number in range(len(columns) - 1))]
        columns.insert(0, [random_.choice(["k", "1", "x y"]) + str(row // 3) for row in range(rows)])
    buffer = io.StringIO(newline="")
    # Blanks behind a lone carriage return make the server read records again.
    quoting, end = random_.choice([*((csv.QUOTE_MINIMAL, end) for end in ("\n", "\r\n")), (csv.QUOTE_ALL, "\r")])
    writer = csv.writer(buffer, quoting=quoting, lineterminator=end)
    writer.writerows([names, *zip(*columns, strict=True)])
    text = random_.choice(["", "", "", "\ufeff"]) + buffer.getvalue()
    return text.encode(), declared, rows * len(columns)


def raw_file(random_: random.Random) -> bytes:
    """Return a file of random separators, ends of lines, quotes and blanks; few have lone carriage returns."""
    parts = random_.choices(RAW, k=random_.randrange(30))
    if random_.random() < 0.8:
        parts = [part for part in parts if part != "\r"]
    return "".join(parts).encode()
