"""From a figure down to the facts that it rests on, and what has arrived since."""
