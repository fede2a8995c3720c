"""The dialogs that open above the main screen or a declaration: query, sort, download, resend, print, messages."""
