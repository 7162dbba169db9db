"""Commands of ``timebank``, one file a subject; ``cli.py`` adds each by one line."""
