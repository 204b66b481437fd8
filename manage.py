#!/usr/bin/env python
"""Run a Django command of the site in project/."""

import gc
import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command that the command line names."""
    gc.set_threshold(50_000)  # what is imported stays: looking for garbage in it took a tenth of a command's start
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
