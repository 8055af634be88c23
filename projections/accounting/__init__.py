"""Bookable postings as vouchers, and the books' own accounts."""
