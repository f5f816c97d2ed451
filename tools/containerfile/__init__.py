"""The Containerfile without a container engine."""
