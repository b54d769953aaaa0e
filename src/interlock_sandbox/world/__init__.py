"""The simulated economy behind the sandbox: a fictional accounting firm and its clients' books.

Everything follows from (seed, number of clients, day). History is made by the same engine that carries the world on
when the clock moves, and only through the commands of `Books`. What is wrong in the books is planted on purpose; each
client lists its flaws in `planted`, and nothing else is wrong by these checks on the day the world was built for:

====  ==================================================================================  =============
rule  what is planted                                                                     of which row
====  ==================================================================================  =============
B01   an open bill whose due date and terms were emptied                                  Bill
B02   an open bill due twelve days before it is dated                                     Bill
B03   an open bill of a vendor made inactive afterwards                                   Bill
B04   an open bill without the vendor's number                                            Bill
B05   a number entered before, written in other case or punctuation: of a bill paid in    Bill, the later
      an earlier fiscal year, or of one still open
B06   same vendor and amount within ten days under another number                         Bill, the later
B09   an open bill whose amount went to the vendor by a check not linked to it            Bill
B10   an open bill dated before the closing date of the books                             Bill
B13   a bill with a total of zero (its balance is zero as well)                           Bill
B15   an open bill coded to Uncategorized Expense or Ask My Accountant                    Bill
B22   an open bill of a vendor with an open vendor credit (dollars: the credit)           Bill
A01   an open invoice without e-mail address, on it or on the customer (A02 as well)      Invoice
A02   an open invoice older than three days that was never sent                           Invoice
A03   an open invoice whose due date and terms were emptied                               Invoice
A05   a payment left unapplied while the customer has an open invoice                     Payment
A06   a credit memo left open while the customer has an open invoice                      CreditMemo
A07   a customer who paid more than was invoiced                                          Customer
C01   a check in Undeposited Funds for more than seven days                               Payment
X15   a journal entry straight to accounts payable or receivable                          JournalEntry
====  ==================================================================================  =============

Decoys look like a finding and are none: the landlord's equal monthly bills (B06).
"""

from interlock_sandbox.world.build import build
from interlock_sandbox.world.large import build_large
from interlock_sandbox.world.live import advance
from interlock_sandbox.world.model import Client, Firm, Planted

__all__ = ["Client", "Firm", "Planted", "advance", "build", "build_large"]
