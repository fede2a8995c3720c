"""`jiacha doctor`: a report on what the program needs, what is there, and what to do about the rest."""
