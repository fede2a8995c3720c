"""The invented data of the embedded port: companies and their declarations.

Codes and names come from official tables (`tables/`). Everything else is drawn at random from a seed, the same on every
machine.
"""
