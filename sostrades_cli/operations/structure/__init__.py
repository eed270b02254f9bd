"""What is in a study, and what depends on what."""
