"""The client of the E-Port: login, encrypted responses, calls. docs/port.md says what is known and what is assumed."""
