"""The checks of ``sostrades doctor``."""
