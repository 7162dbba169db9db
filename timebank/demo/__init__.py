"""The sample community and the scenario player: everything here goes through the actions."""
