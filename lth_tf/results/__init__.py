"""What was measured: the log of rows, and tables, figures and TensorBoard made from it.

Nothing here imports TensorFlow, so that a question to the log is answered in a second.
"""
