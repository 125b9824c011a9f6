int ledger_enter(int amount);

// borrow has something left to do after the call, so that it has a frame.
int borrow(int amount) { return ledger_enter(amount + 1) * 3; }
