"""The store: turns recipes into artefacts on disk, each exactly once.

The parts: `store` (artefacts, made if they are not there), `workshop` (makes them, in TensorFlow),
`watcher` (who is told meanwhile), `fit` (whether network, hyperparameters and data go together),
`runs` (what is known of a run from its recipe), `plan` (of a dry run). On disk: `layout` (where
what lies), `marker` (what makes a folder a store), `artefacts` (how a file is written and
verified), `files` (which appear whole or not at all), `journal` (how a run was trained), `registry`
(who asked for what). Between processes: `leases` (one at a time), `claims` (how a lease changes
hands), `owners` (whose it is), `processes` (who still runs). For lth-store: `inspect`, `reports`,
`verify` and `prune`.
"""
