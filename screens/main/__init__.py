"""The main screen: the list of declarations, the filing pages and their parts."""
