"""When and in what order: leases, slices, head polls, sweeps, details, removal, the schedule."""
