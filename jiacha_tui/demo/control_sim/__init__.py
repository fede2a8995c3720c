"""A simulator of the E-Port's client control, for training and for tests.

It behaves as published and fails in every way in which the control is known to fail. It shares no code with the medium
that uses it (`jiacha_tui.card.control`).
"""
