"""A window on a long past, measured in a real browser, for `bench_ui`."""
