"""A made-up back office: three providers, four processes, dirty labels, planted opportunities and their truth."""
