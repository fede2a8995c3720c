"""The program on a disk that fails: one call of the system that changes a file fails, or kills the process.

`io_faults.c` is loaded before libc and makes one call below the home of the program fail with an error, once or from
then on. A full disk also takes the first half of what is written. `program.py` does the work of a clerk without a
terminal, through `jiacha_tui.actions`, with an embedded port over TLS that `rig.py` serves. A first run counts the
calls; each of them is a place where a fault is tried. After each fault another process opens the same home without one,
and `checks.py` compares what was reported, what is in the cache and what the port's own books say:

- the cache opens, and what was reported as done is there;
- a resend has left once at most, and the outbox knows it unless it was refused;
- files are whole, and no temporary file stays after the next start;
- each failure was a `Problem` in words.

`IO_FAULTS` says what is tried: without it a sample, `whole` for everything (`make faults`), or faults as a failed test
prints them, separated by blanks. `TORTURE_SEED` repeats a sample.
"""
