"""One file a step, thin: where the flow touches the world."""
