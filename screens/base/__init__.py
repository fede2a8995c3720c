"""What every screen builds on: the base application, dialogs, the command palette, help."""
