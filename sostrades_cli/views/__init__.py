"""Rows and plots that several commands show, or that the library writes to files."""
