"""Words about jobs for templates."""
