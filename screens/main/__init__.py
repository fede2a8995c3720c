"""The main screen: the list of declarations, the filing tabs and their parts."""
