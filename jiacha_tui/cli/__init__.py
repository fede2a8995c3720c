"""The command line: its commands, their help, their messages and their exit codes."""
