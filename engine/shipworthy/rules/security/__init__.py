"""Rules of the security family, one file each."""
