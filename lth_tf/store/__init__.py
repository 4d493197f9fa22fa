"""The store: turns recipes into artifacts on disk, each exactly once.

The parts: `store` (artifacts, made if they are not there), `trainer` (runs), `observer` (of
progress), `remaining` and `plan` (work to be done). On disk: `layout` (paths), `format_file` (the
mark of a store), `artifacts` (files, written and verified), `checks` (of a sound file's place and
content), `files` (atomic writing), `records` (the losses of a run's steps), `journal` (the history
of a run's training), `registry` (users of artifacts). Between processes: `leases`, `lease_files`
(how a lease changes hands), `processes` (whether one still runs). For lth-store: `inspect`,
`reports` and `upkeep`.
"""
