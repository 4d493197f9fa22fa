"""The log: what a row is, and files of rows."""
