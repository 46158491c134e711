"""What came of a candidate that went live: weekly series, the step in them, and where work went that left."""
