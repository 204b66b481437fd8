"""Pictures of rows at this site's own addresses, where the site keeps them (`PICTURES`)."""
