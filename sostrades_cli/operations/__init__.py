"""Use cases: each operation makes the requests of a command and returns a plain dataclass. No click, no rich."""
