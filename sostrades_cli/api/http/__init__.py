"""The HTTP session: transport, retries, limits, proxies, TLS and strict JSON."""
