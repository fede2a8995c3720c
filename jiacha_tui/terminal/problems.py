class UnsupportedOutput(Exception):
    """Output of which it is not known what it does to the screen."""
