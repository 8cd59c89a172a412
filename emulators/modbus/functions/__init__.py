"""Function codes, one file a family: to add one, write the file and add its line to ``table.py``."""
