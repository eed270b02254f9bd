"""``python -m sostrades_cli``."""

from sostrades_cli.cli import main

if __name__ == "__main__":
    main()
