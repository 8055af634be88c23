"""Speed, measured side by side with something else in the same run; never a timed test."""
