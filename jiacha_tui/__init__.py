"""jiacha: query, download, resend and print export declarations in the terminal."""

__version__ = "0.1.0"
