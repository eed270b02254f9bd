"""Loading, copying and addressing studies."""
