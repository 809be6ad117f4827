"""What people see of a run: live progress, the closing table, the audit story, the report. Reads only the store."""
