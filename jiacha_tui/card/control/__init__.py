"""The medium of real E-Port cards: the E-Port's client control (客户端控件), a program on the operator's PC.

The control owns the card reader and serves local programs over WebSocket. docs/card.md says what is known about it and
what is assumed.
"""
