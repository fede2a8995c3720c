"""The medium of PIV cards (NIST SP 800-73-4) in a reader of this machine's PC/SC service (pcscd).

The reader may be at the operator's own PC, with the service forwarded over SSH. docs/card.md says what was tried.
"""
