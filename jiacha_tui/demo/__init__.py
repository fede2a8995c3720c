"""An embedded port: it speaks the real port's wire, with a CA, cards and declarations of its own.

`demo.make_demo` makes it in this process, `serve.serve` serves it over TLS. All data are invented: companies, people,
vessels, cards. The port knows the rules and the wire from docs/port.md alone and shares no code with the program's
client, so that a test of one against the other finds mistakes in both.
"""
