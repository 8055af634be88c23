"""One file a rule kind and version. A published kind is never edited: a new rule is a new file."""
