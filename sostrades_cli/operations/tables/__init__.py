"""Tables: what is sent to the server as CSV, and what comes back."""
