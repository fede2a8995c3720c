"""The program in a terminal is killed (SIGKILL) at random moments of everything that it does, and started again.

Each kill is with a card that can decrypt or with one that cannot, which protect the cache's key in different ways.
Afterwards the cache opens, what the screen had said is there, and outbox and port agree about a resend. The later
start, the port and the comparison are those of `tests/io_faults`.

`KILLS` is how many, by default `SAMPLE`; `make kills` makes 200. `TORTURE_SEED` repeats the actions and the moments,
as far as the machine is as fast.
"""
