"""The command line: what it takes, what it says when it cannot go on, and its exit codes."""
