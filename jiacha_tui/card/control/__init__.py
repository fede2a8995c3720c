"""The medium behind which most cards are: the E-Port's client control (客户端控件), a program in the operator's PC.

It owns the card reader there and serves local programs over WebSocket. What is known and what assumed: docs/card.md.
"""
