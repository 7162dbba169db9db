"""What every deed needs: running it once, the audit trail, number series, working days."""
