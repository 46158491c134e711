"""When things happen: the nightly flow, the command line, the schedule."""
