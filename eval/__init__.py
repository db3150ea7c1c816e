"""What is true about the quality of answers: examples, predictions, measures and a report of them.

Import from the modules (``from eval.measures import MEASURES``); the package's own name is also that of a builtin.
"""
