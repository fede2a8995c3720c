"""`jiacha doctor`: one screenful about what the program needs, what of it is there, and what to do about the rest."""
