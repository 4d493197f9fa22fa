"""The store: turns recipes into artifacts on disk, each exactly once.

The parts: `store` (artifacts, made if they are not there), `observer` (who is told meanwhile),
`plan` (of a dry run). On disk: `layout` (where what lies), `format_file` (what makes a store),
`artifacts` (how a file is written and verified), `checks` (whether a sound file belongs where it
lies), `files` (which appear whole or not at all), `journal` (how a run was trained), `registry`
(who asked for what). Between processes: `leases` (one at a time), `lease_files` (how one changes
hands), `owners` (whose it is), `processes` (who still runs). For lth-store: `inspect`, `reports`,
`verify` and `garbage`.
"""
