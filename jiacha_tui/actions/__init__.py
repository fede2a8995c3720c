"""What an operator does, without a terminal: each module is one deed, called by the screens, the command line and tests."""
