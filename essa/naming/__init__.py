"""From spellings to activities: what each label of a process means, and why."""
