"""Readable rules for what is decided at an activity: learned on a sample, counted on every execution."""
