"""Card media behind one protocol (`medium`): what a card tells, how it is opened with its PIN, signs and decrypts."""
