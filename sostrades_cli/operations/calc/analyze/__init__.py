"""Analyze the results of a sweep: statistics, sensitivity indices, and a report."""
