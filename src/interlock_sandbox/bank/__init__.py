"""The banks: what is true of money, whatever any ledger says. A party; Plaid shows what it holds."""
