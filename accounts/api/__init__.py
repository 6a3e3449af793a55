"""The API of accounts, one module for each noun."""
