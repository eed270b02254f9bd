"""Starting and watching calculations."""
