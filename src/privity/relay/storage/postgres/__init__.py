"""A store on PostgreSQL, which any number of relays share; docs/adr/0025."""
