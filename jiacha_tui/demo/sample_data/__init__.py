"""The companies of the embedded port and what they export, all invented.

Codes and names are those of the official tables (`tables/`), the rest is chance that is the same on every machine.
"""
