"""What an auditor asks, draws and finds."""
