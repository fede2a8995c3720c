"""An embedded port: the real port's wire, with a CA, cards and declarations of its own.

`demo.make_demo` gives it in process, `serve.serve` over TLS. Everything in it is invented: companies, people,
vessels, cards. It knows the rules and the wire from docs/port.md alone and shares no code with the program's client,
so that each of the two shows where the other is wrong.
"""
