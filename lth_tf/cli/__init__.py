"""The commands; installed as the console commands lth-train, lth-imp, ..."""
