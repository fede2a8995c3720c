"""What one guess of a cache's passphrase costs: `python -m bench.passphrase`.

A thief of the files can try passphrases without the card, only not fast. It is the only way to the key that can be
tried: docs/card.md has the table.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from resource import RUSAGE_CHILDREN, getrusage

from db.key_file import PASSPHRASE_COST, new_passphrase_protection

GUESSES = 5


def figures() -> Iterator[str]:
    """The guesses per second of one core, which other load does not change, and the memory of one guess."""
    with ProcessPoolExecutor(1) as pool:
        seconds = pool.submit(_guess, GUESSES).result()
    memory = getrusage(RUSAGE_CHILDREN).ru_maxrss // 1024
    cost = f"Argon2id, {PASSPHRASE_COST.memory_kib // 1024} MiB, {PASSPHRASE_COST.iterations} passes"
    yield (
        f"{'guess of a passphrase':<32} {seconds / GUESSES * 1000:8.0f} ms of one core"
        f"   {GUESSES / seconds:.2f} guesses per second and core   {cost}; peak of the process {memory} MiB"
    )


def _guess(count: int) -> float:
    """Seconds of processor time."""
    protection = new_passphrase_protection()
    started = time.process_time()
    for number in range(count):
        protection.secret(f"guess-{number}")
    return time.process_time() - started


if __name__ == "__main__":
    sys.stdout.writelines(f"{figure}\n" for figure in figures())
