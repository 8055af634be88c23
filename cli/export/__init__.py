"""What leaves the ledger: bundles for auditors, vouchers for accounting, data for analysis."""
