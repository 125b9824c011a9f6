// write_entry writes where the ledger is not.
__attribute__((noinline)) static int write_entry(volatile int *where, int amount) {
	*where = amount;
	return amount + where[1];
}

int *volatile ledger;

int ledger_enter(int amount) { return write_entry(ledger, amount) - 5; }
