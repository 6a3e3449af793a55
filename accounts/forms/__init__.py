"""The forms of accounts, one module for each noun."""
