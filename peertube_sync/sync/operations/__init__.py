"""What people or the daily task ask for beside slices.

Adding, moving, opting out, logins, discovery, clean-up, alarms.
"""
