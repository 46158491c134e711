"""Where the steps report: one logger, which Prefect shows in its UI and the command line on the terminal."""

from __future__ import annotations

import logging

log = logging.getLogger("essa")
log.setLevel(logging.INFO)
log.propagate = False
