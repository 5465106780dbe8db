"""Rules of the complexity family, one file each."""
