"""essa thinks: names, mining, deciding, evidence. It never imports prefect, tasks or flows."""
