"""A workdir in Python: load or write studies, plan and run them, and look at their results.

    import lth_tf as lth

    lab = lth.Lab("runs/mine")
    study = lab.load("demo/imp.gin", bindings=["MaskSearch.levels = 3"])
    print(lab.plan(study))
    rows = lab.run(study)
    lab.keras_model(rows[-1]).save("ticket.keras")

The commands that plan, run and draw experiments are flags around this. The parts: `studies` (load,
plan, run, rows), `views` (figures, reports, descriptions), `lab` (from a row to what was trained).
"""

from lth_tf.lab.lab import Lab
from lth_tf.lab.studies import LabError

__all__ = ["Lab", "LabError"]
