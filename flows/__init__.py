"""When things happen: the nightly flow, the command line, the schedule."""

import gc

gc.set_threshold(20_000)  # new objects before garbage is looked for: at Python's 700 a tenth of a night goes to looking
