"""The process that runs the port's script: `python -I script_worker.py`.

It reads one JSON object a line from standard input and answers each with one line on standard output. The first line
is `{"scripts": [text, …], "seconds": s, "memory_bytes": n}`; every other is `{"call": name, "arguments": [text, …]}`.
An answer is `{"result": text}` or `{"error": kind}`. An error is named by its kind alone: what a script throws may
contain its arguments, among them a PIN.

The script sees what a browser page would give it as far as it asks for that, and nothing that reaches out of the
engine: no file, no network, no timer that fires, and a clock that stands still.
"""

import json
import os
import resource
import signal
import sys
from typing import Any, Final

from py_mini_racer import JSOOMException, JSTimeoutException, MiniRacer

_FILES: Final = 64
_PAGE: Final = """
delete globalThis.WebAssembly;
delete globalThis.SharedArrayBuffer;
delete globalThis.Atomics;
globalThis.window = globalThis;
globalThis.self = globalThis;
globalThis.console = {};
for (const name of ['log', 'warn', 'info', 'error', 'debug', 'exception', 'table', 'trace']) console[name] = () => {};
globalThis.setInterval = globalThis.setTimeout = () => 0;
globalThis.clearInterval = globalThis.clearTimeout = () => {};
Date = class extends Date {
  constructor(...parts) { super(...(parts.length ? parts : [0])); }
  static now() { return 0; }
};
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
    """Serves calls until standard input ends. Leaves without the interpreter's clean-up, which waits for the engine."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the program, not for its children
    engine = _Engine()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    for line in sys.stdin.buffer:
        answer = engine.answer(json.loads(line))
        sys.stdout.buffer.write(json.dumps(answer).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()
    os._exit(0)


class _Engine:
    """V8 with the page's surroundings and, after the first request, the scripts."""

    def __init__(self) -> None:
        self._engine = MiniRacer()
        self._seconds = 0.0

    def answer(self, request: dict[str, Any]) -> dict[str, str]:
        try:
            if "scripts" in request:
                return self._load(request)
            call = f"globalThis.{request['call']}"
            result = self._engine.call(call, *request["arguments"], timeout_sec=self._seconds)
        except JSTimeoutException:
            return {"error": "time"}
        except JSOOMException:
            return {"error": "memory"}
        except Exception:  # noqa: BLE001 - whatever the engine raises, only its kind may leave this process
            return {"error": "script"}
        return {"result": result} if isinstance(result, str) else {"error": "no text"}

    def _load(self, request: dict[str, Any]) -> dict[str, str]:
        self._seconds = request["seconds"]
        self._engine.set_hard_memory_limit(request["memory_bytes"])
        for script in (_PAGE, *request["scripts"]):
            self._engine.eval(script, timeout_sec=self._seconds)
        return {"result": ""}


if __name__ == "__main__":
    main()
