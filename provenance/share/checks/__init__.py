"""When not to believe a share."""
