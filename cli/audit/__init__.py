"""What an auditor asks, draws and records."""
