"""What an operator does, without a terminal: each module is one deed that screens, command line and tests call."""
