"""The command ``hil``: one file a command, listed in ``commands.py``; nothing is imported before it is needed."""
