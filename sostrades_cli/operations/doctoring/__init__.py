"""Looking at everything between this machine and a server, and changing nothing of it."""
