"""Make designs: tables of cases for a sweep, sampled from a space of parameters."""
