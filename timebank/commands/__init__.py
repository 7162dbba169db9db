"""The subcommands of ``timebank``, one file per subject. ``cli.py`` registers each in one line."""
