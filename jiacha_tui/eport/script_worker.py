"""The process that runs the port's script: `python -I script_worker.py`.

It reads one JSON object a line from standard input and answers each with one line on standard output. The first line
is `{"seconds": s, "memory_bytes": n, "result_bytes": n}` and starts the engine. Every other is `{"script": text}` or
`{"call": name, "arguments": [text, …]}`. An answer is `{"result": text}` or `{"error": kind}`. An error is named by its
kind alone: what a script throws may contain its arguments, among them a PIN.

The script sees what a browser page would give it as far as it asks for that, and nothing that reaches out of the
engine: no file, no network, no timer that fires, and a clock that stands still. The process itself can open nothing
either once the engine has started, and it ends when its standard input ends, also in the middle of a call.
"""

import json
import math
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from py_mini_racer import JSOOMException, JSTimeoutException, MiniRacer

from jiacha_tui.hardening import harden_process

_DATA_FIELD: Final = 5
"""The field `data` of /proc/self/statm, in pages."""

_THREADS: Final = 2
"""The engine collects garbage beside the script, which counts as time of the process too."""

_PAGE: Final = """
for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'Intl', 'Temporal']) delete globalThis[name];
globalThis.__timer_manager = undefined;
globalThis.window = globalThis;
globalThis.self = globalThis;
globalThis.console = {};
for (const name of ['log', 'warn', 'info', 'error', 'debug', 'exception', 'table', 'trace']) console[name] = () => {};
globalThis.setInterval = globalThis.setTimeout = () => 0;
globalThis.clearInterval = globalThis.clearTimeout = () => {};
(() => {
  const Real = Date;
  globalThis.Date = function Date(...parts) {
    const made = Reflect.construct(Real, parts.length ? parts : [0], new.target || Real);
    return new.target ? made : made.toString();
  };
  Object.assign(Date, {now: () => 0, parse: Real.parse, UTC: Real.UTC, prototype: Real.prototype});
  Real.prototype.constructor = Date;
})();
globalThis.base64js = (() => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const values = new Map([...letters].map((letter, value) => [letter, value]));
  return {
    toByteArray(text) {
      const bytes = [];
      let bits = 0, held = 0;
      for (const letter of text) {
        if (!values.has(letter)) continue;
        bits = (bits << 6 | values.get(letter)) & 0xffff;
        held += 6;
        if (held >= 8) bytes.push(bits >> (held -= 8) & 255);
      }
      return Uint8Array.from(bytes);
    },
    fromByteArray(bytes) {
      let text = '';
      for (let at = 0; at < bytes.length; at += 3) {
        const group = bytes[at] << 16 | (bytes[at + 1] || 0) << 8 | (bytes[at + 2] || 0);
        text += letters[group >> 18] + letters[group >> 12 & 63];
        text += at + 1 < bytes.length ? letters[group >> 6 & 63] : '=';
        text += at + 2 < bytes.length ? letters[group & 63] : '=';
      }
      return text;
    },
  };
})();
"""
"""What the script expects of the page around it. `setInterval` never fires: real scripts start a debugger with it."""


def main() -> None:
    """Serves calls until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the program, not for its children
    harden_process()
    engine = _Engine()
    # The kernel keeps what the engine promises, should a script break out of it: nothing can be opened from here on.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    for line in _lines():
        sys.stdout.buffer.write(_as_bounded_line(engine.answer(json.loads(line)), engine.result_bytes))
        sys.stdout.buffer.flush()


def _as_bounded_line(answer: dict[str, str], result_bytes: int) -> bytes:
    """The line with the answer. A result of more than `result_bytes`, as JSON in UTF-8, is an error."""
    line = _as_line(answer)
    is_too_long = "result" in answer and len(line) - len(_as_line({"result": ""})) + len('""') > result_bytes
    return _as_line({"error": "size"}) if is_too_long else line


def _as_line(answer: dict[str, str]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _lines() -> Iterator[bytes]:
    """The lines of standard input. Its end ends the process, whatever it does: the program is gone or wants no more."""
    lines: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        os._exit(0)  # without the interpreter's clean-up, which waits for the engine

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


class _Engine:
    """V8 with the page's surroundings and, after the first request, the scripts."""

    def __init__(self) -> None:
        self._engine = MiniRacer()
        self._data_bytes_at_start = _data_bytes()
        self._seconds = 0.0
        self.result_bytes = 0
        """How long a result may be, as JSON in UTF-8."""

    def answer(self, request: dict[str, Any]) -> dict[str, str]:
        try:
            if "seconds" in request:
                self._limit(request["seconds"], request["memory_bytes"], request["result_bytes"])
            self._limit_cpu_time()
            result = self._run(request)
        except JSTimeoutException:
            return {"error": "time"}
        except JSOOMException:
            return {"error": "memory"}
        except Exception:  # noqa: BLE001 - whatever the engine raises, only its kind may leave this process
            return {"error": "script"}
        return {"result": result} if isinstance(result, str) else {"error": "no text"}

    def _run(self, request: dict[str, Any]) -> object:
        if "call" in request:
            function = f"globalThis.{request['call']}"
            return self._engine.call(function, *request["arguments"], timeout_sec=self._seconds)
        self._engine.eval(request.get("script", _PAGE), timeout_sec=self._seconds)
        return ""

    def _limit(self, seconds: float, memory_bytes: int, result_bytes: int) -> None:
        """`memory_bytes` are for the script's objects; what the engine does not count gets as much again."""
        self._seconds, self.result_bytes = seconds, result_bytes
        self._engine.set_hard_memory_limit(memory_bytes)
        if self._data_bytes_at_start:
            limit = _allowed(resource.RLIMIT_DATA, self._data_bytes_at_start + 2 * memory_bytes)
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    def _limit_cpu_time(self) -> None:
        """The engine ends a call that takes too long; the kernel ends a script that computes on after its call."""
        limit = _allowed(resource.RLIMIT_CPU, math.ceil(time.process_time() + _THREADS * self._seconds))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _allowed(which: int, wanted: int) -> int:
    """A limit of this process, at most what the machine allows."""
    _, most = resource.getrlimit(which)
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)


def _data_bytes() -> int:
    """The writable memory of this process in the sense of RLIMIT_DATA, most of it only reserved; 0 if unknown."""
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[_DATA_FIELD])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
