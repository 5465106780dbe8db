"""All rules: a folder per family, one file per rule, and the table of codes without a rule yet."""
