"""What a user reads and changes: architecture, equations, models, rules, phases, parameters."""
