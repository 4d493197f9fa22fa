"""The store: turns recipes into artefacts on disk, each exactly once."""
