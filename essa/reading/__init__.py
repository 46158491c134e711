"""Readers: one module a file format, each row with the line it stood on."""
