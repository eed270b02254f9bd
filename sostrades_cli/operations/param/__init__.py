"""Reading, validating, changing and verifying the parameters of a study."""
