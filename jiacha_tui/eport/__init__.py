"""The client of the port's wire: login, envelope, messages, calls. What is known and what is assumed: docs/port.md."""
