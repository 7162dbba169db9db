"""What every deed needs: one effect a request id, the audit trail, number series, the calendar."""
