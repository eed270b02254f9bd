"""Rows that several commands show."""
