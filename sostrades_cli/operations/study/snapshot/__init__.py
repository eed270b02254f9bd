"""Capture studies, export them into folders, compare them, and apply such folders."""
