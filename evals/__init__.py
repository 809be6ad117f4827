"""HOW GOOD: labelled datasets, metrics, calibration, runner and gate. Only the doors import this room."""
