"""``python -m tests.faults``: play the whole matrix and print it; exit 1 if a case did not hold."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from faults.matrix import cases, played

matrix = played(cases())
sys.stdout.write(f"{matrix.table()}\n")
sys.stdout.writelines(f"{line}\n" for line in matrix.broken)
sys.exit(1 if matrix.broken else 0)
