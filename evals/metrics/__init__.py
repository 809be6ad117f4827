"""Definitions of every figure the bench reports: pure functions over `evals.rows.PageRow`, `None` where undefined."""
