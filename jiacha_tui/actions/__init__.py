"""What an operator can do, without a terminal: one module for each action. Screens and command line call them."""
