"""The domain: what a declaration is and which rules it obeys. No I/O, imports nothing of ours."""
