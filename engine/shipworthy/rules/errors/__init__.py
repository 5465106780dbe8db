"""Rules of the errors family, one file each."""
