"""What is paid by beside what is not, targets, and the warning."""
