"""From a server or a database to files on this disk, whole or not at all."""
