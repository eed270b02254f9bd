"""Results that several commands show, or the library writes into files."""
