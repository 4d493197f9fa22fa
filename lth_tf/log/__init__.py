"""What a row of the results log is; see lth_tf/log/fields.py."""
