"""What the program needs around it, looked at without changing anything: one module for each area of `finding.Area`."""
