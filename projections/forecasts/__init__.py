"""What the savings may come to by the end of the term."""
