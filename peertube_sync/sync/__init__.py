"""When and in what order instances are worked on.

Leases, slices and their steps, the schedule, operations of people.
"""
