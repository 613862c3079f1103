"""What the house says of itself while it works: milestones and spans. Nobody hears it unless `app.telemetry` does.

Like logging it is ambient: any room may speak, and none knows who hears it.
"""
