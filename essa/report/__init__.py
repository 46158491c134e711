"""The page for people: one file, written from the published tables and nothing else."""
