"""Stripe as one party: every client's account and the platform's own; what is asked for and what falls due is an act."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from interlock_sandbox.bank.bank import Bank, movement
from interlock_sandbox.books import Books
from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.notices.notices import Notices
from interlock_sandbox.parties import Step
from interlock_sandbox.stripe import happenings, opening, payouts
from interlock_sandbox.stripe.accounts import described
from interlock_sandbox.stripe.balance import next_run
from interlock_sandbox.stripe.call import Call
from interlock_sandbox.stripe.limits import Limits
from interlock_sandbox.stripe.past import Past, past_of
from interlock_sandbox.stripe.refusal import StripeRefusal
from interlock_sandbox.stripe.rendering import rendered
from interlock_sandbox.stripe.signing import send_events
from interlock_sandbox.stripe.store import Account, Cause, Saved
from interlock_sandbox.stripe.table import routed
from interlock_sandbox.world.pause import collector_paused

WITHOUT = 5
BROKEN = StripeRefusal("An unknown error occurred.", status=500, kind="api_error")


class Answer(NamedTuple):
    status: int
    body: bytes


class Stripe:
    """Deterministic from the seed, the books at opening, and the acts. An account is opened when it is first needed."""

    def __init__(self, seed: int, as_of: date, companies: Sequence[Books], bank: Bank, notices: Notices) -> None:
        self.bank = bank
        self.notices = notices
        bank.tellers.append(self.bank_opens)
        self.accounts: dict[str, Account] = {}
        self.by_realm: dict[str, Account] = {}
        self.pasts: dict[str, Past] = {}
        self.platform = opening.platform(seed)
        self.accounts[self.platform.id] = self.platform
        self.opened = {self.platform.id}
        self.limits = Limits()
        self.slow_seconds = 0.0
        self.breaking: list[str] = []
        """Calls to come that break inside, ``before`` or ``after`` they are carried out."""
        self.answer = Answer(500, b"{}")
        """What the last act of a call answered."""
        with collector_paused():
            self._begin(seed, as_of, companies)

    def _begin(self, seed: int, as_of: date, companies: Sequence[Books]) -> None:
        for index, books in enumerate(companies):
            if index % 6 == WITHOUT:
                continue
            account = opening.account_of(seed, index, books)
            self.accounts[account.id] = self.by_realm[books.realm_id] = account
            self.pasts[account.id] = past_of(index, books, as_of, account.qbo_account)
            self.platform.add(described(account, self.pasts[account.id].opened - opening.FOUNDED))

    # --- what others ask ----------------------------------------------------------------------------------------

    def told(self, realm: str) -> dict[str, Any] | None:
        """What linking needs: the account, its keys, and the platform's."""
        account = self.by_realm.get(realm)
        if account is None:
            return None
        return {
            "account": account.id, "secret_key": account.keys["secret"], "restricted_key": account.keys["restricted"],
            "platform_key": self.platform.keys["secret"],
        }  # fmt: skip

    def account(self, id_: str) -> Account:
        """An account with its past in place; KeyError when there is none."""
        account = self.accounts[id_]
        if id_ not in self.opened:
            self.opened.add(id_)
            with collector_paused():
                opening.lived(account, self.pasts[id_])
        return account

    def holder(self, key: str) -> tuple[Account, str] | None:
        """Whose key this is, and which: ``secret`` or ``restricted``."""
        for account in self.accounts.values():
            for name, value in account.keys.items():
                if value == key:
                    return self.account(account.id), name
        return None

    def breaks_now(self) -> str | None:
        """Whether the next call breaks, and when; uses one up."""
        return self.breaking.pop(0) if self.breaking else None

    def bank_opens(self, realm: str) -> None:
        """The banks' past is about to be seen: what Stripe paid out stands there as it arrived."""
        account = self.by_realm.get(realm)
        if account is None or account.qbo_account is None:
            return
        past = self.pasts[account.id]
        for deposit in past.deposits:
            self.bank.expects_not(realm, deposit.id)
        for act, at in opening.bank_lines(self.account(account.id), past):
            self.bank.has_moved(act, at)

    # --- what happens -------------------------------------------------------------------------------------------

    def apply(self, act: dict[str, Any], at: datetime) -> None:
        """``call``: a POST or DELETE of the API. The others: see ``happenings``."""
        account = self.account(str(act["account"]))
        account.done(int(act.get("entry", 0)))
        if act["act"] == "call":
            account.cause = Cause(act["request"], act.get("key"))
            self.answer = self._carried_out(account, act, at)
            account.cause = Cause()
        elif act["act"] == "payout run":
            payouts.run(account, at)
        else:
            happenings.happen(account, act, at)
        if act["act"] in ("payout arrives", "payout fails"):
            self._at_the_bank(account, act, at)
        if act["act"] == "access ends":
            known = self.platform.objects["account"]
            if account.deauthorized:
                known.pop(account.id, None)
            else:
                known[account.id] = account.get("account", account.id)
        send_events(self.notices, account, self.platform, at)

    def due(self, now: datetime) -> Step | None:
        """The earliest of payout runs, arrivals, debits that clear, invoices that become final or overdue, …"""
        for id_ in [each for each, past in self.pasts.items() if each not in self.opened and now >= past.quiet_until]:
            self.account(id_)
        best: Step | None = None
        for account in self.accounts.values():
            if account.id not in self.opened:
                continue
            found = account.first_due()
            run = next_run(account)
            if run is not None and (found is None or run < found[0]):
                step = Step(run, {"act": "payout run", "account": account.id})
            elif found is not None:
                step = Step(found[0], {**found[2], "account": account.id, "entry": found[1]})
            else:
                continue
            if step.at <= now and (best is None or step.at < best.at):
                best = step
        return best

    def _carried_out(self, account: Account, act: dict[str, Any], at: datetime) -> Answer:
        found = routed(act["method"], act["path"])
        assert found is not None, "a call is routed before it is journaled"
        route, ids = found
        try:
            if act.get("breaks") == "before":
                raise BROKEN
            made = route.handler(Call(account, at, ids, act["sent"]))
            if act.get("breaks") == "after":
                raise BROKEN
            answer = Answer(200, ENCODER.encode(rendered(account, made, act["sent"].get("expand", []), at)))
        except StripeRefusal as refusal:
            answer = Answer(refusal.status, ENCODER.encode(refusal.body()))
        except Exception:  # what breaks inside is a 500 at Stripe too; raised, it would break every later start as well
            logging.exception("Stripe's %s %s broke inside", act["method"], act["path"])
            answer = Answer(BROKEN.status, ENCODER.encode(BROKEN.body()))
        if act.get("key"):
            account.answers[act["key"]] = Saved(answer.status, answer.body, act["asked"], at, act["request"])
        return answer

    def _at_the_bank(self, account: Account, act: dict[str, Any], at: datetime) -> None:
        """A payout that arrives is one net deposit; one that comes back after that is taken off again."""
        payout = account.get("payout", act["payout"])
        if account.qbo_account is None or (act["act"] == "payout fails" and not act.get("arrived")):
            return
        back = act["act"] == "payout fails"
        amount = -payout["amount"] if back else payout["amount"]
        name = "STRIPE RETURN" if back else "STRIPE TRANSFER"
        reference = payouts.trace(account, payout)
        self.bank.apply(
            movement(
                account.realm,
                account.qbo_account,
                amount,
                name,
                posted_at=at,
                reference=reference,
                counterparty="Stripe",
            ),
            at,
        )
