"""The medium for PIV cards (NIST SP 800-73-4) in a reader that this machine's PC/SC service (pcscd) can reach.

The reader may be in the operator's own PC, its service forwarded over SSH. What was tried how: docs/card.md.
"""
