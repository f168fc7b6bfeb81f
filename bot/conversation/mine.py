"""我的登记: what a person can do with the registrations left from this chat: see, change, copy, withdraw, delete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import day_of
from bot.conversation import lists
from bot.conversation.asking import in_words
from bot.conversation.filling import Filling
from bot.conversation.journey import has_answers
from bot.conversation.message import File, Message, Reply
from bot.conversation.receipts import shown
from bot.conversation.registration import Consent, Registration
from bot.conversation.state import Option, State
from bot.conversation.summary import summary_lines
from bot.conversation.turn import Turn
from bot.conversation.wording import say

_CATEGORY_CONSENT = "category_consent"
_CONTACT_WAY = "contact_way"


@dataclass(frozen=True)
class Mine:
    """The conversation about one's own registrations, those of ``filling``'s form."""

    filling: Filling

    def show(self, message: Message, state: State) -> Turn:
        """Show the only registration, or a list to pick one from."""
        return self._for_one(message, state, "mine", say("which_registration"))

    def ask_what_to_withdraw(self, message: Message, state: State) -> Turn:
        """Ask whether only the separate consent is taken back, or all."""
        agreed = [kept for kept in state.registrations if kept.answers.get(_CATEGORY_CONSENT) == "yes"]
        if not agreed:
            return self.ask_to_delete(message, state)
        named = len(state.registrations) > 1
        options = [
            *(Option(_of(kept, "mine_uncategory", named=named), f"uncategory {kept.receipt}") for kept in agreed),
            *(Option(_of(kept, "mine_delete", named=named), f"delete {kept.receipt}") for kept in state.registrations),
            Option(say("delete_no"), "mine-all"),
        ]
        return lists.offer(message, state, [say("withdraw_what"), *options])

    def ask_about_category(self, message: Message, state: State) -> Turn:
        """Ask whether what tells of a disability is to go, and nothing else."""
        agreed = [kept for kept in state.registrations if kept.answers.get(_CATEGORY_CONSENT) == "yes"]
        if not agreed:
            return [Reply(say("category_not_kept"))], replace(state, open=None)
        if len(agreed) > 1:
            return self.ask_what_to_withdraw(message, state)
        options = [Option(say("uncategory_yes"), f"uncategory {agreed[0].receipt}"), Option(say("delete_no"), "keep")]
        return lists.offer(message, state, [say("uncategory_sure", name=agreed[0].name), *options])

    def ask_to_forget(self, message: Message, state: State) -> Turn:
        """Ask whether the questions asked so far are to be erased, and nothing else."""
        kept = say("forget_kept") if state.registrations else ""
        options = [Option(say("forget_yes"), "forget-sure"), Option(say("delete_no"), "keep")]
        return lists.offer(message, state, [say("forget_sure", kept=kept), *options])

    def choose_to_change(self, message: Message, state: State) -> Turn:
        """Ask which of several registrations is to be changed."""
        return self._for_one(message, state, "change", say("which_to_change"))

    def copy(self, message: Message, state: State) -> Turn:
        """Send a copy of the only registration, or ask of which one."""
        return self._for_one(message, state, "copy", say("which_registration"))

    def ask_how_to_reach(self, message: Message, state: State) -> Turn:
        """Ask whether whoever wants no calls wants to be reached otherwise, or to hear no more."""
        if len(state.registrations) != 1:
            return self.show(message, state)
        (registration,) = state.registrations
        way = in_words(self.filling.form.step(_CONTACT_WAY), registration.answers.get(_CONTACT_WAY))
        options = [
            Option(say("mine_change_way"), f"change {registration.receipt}"),
            Option(say("mine_delete"), f"delete {registration.receipt}"),
            Option(say("mine_no_change"), f"mine {registration.receipt}"),
        ]
        return lists.offer(message, state, [say("no_calls", way=way), *options])

    def ask_to_delete(self, message: Message, state: State) -> Turn:
        """Ask whether the only registration, or which one, is to be deleted."""
        return self._for_one(message, state, "delete", say("which_to_delete"))

    def act(self, message: Message, state: State, act: str) -> Turn:
        """Carry out a line of one of these lists. A registration that is gone meanwhile is said to be."""
        verb, _, receipt = act.partition(" ")
        registration = state.registration(receipt)
        if message.public:
            return [Reply(say("not_in_public"))], state
        if registration is None:
            return [Reply(say("registration_gone"))], replace(state, open=None)
        if verb == "change":
            return self._change(message, state, registration)
        carry_out = {
            "mine": self._page,
            "copy": self._copy,
            "uncategory": self._withdraw_category,
            "delete": self._confirm_deletion,
            "delete-sure": self._delete,
        }
        return carry_out[verb](message, state, registration)

    def _change(self, message: Message, state: State, registration: Registration) -> Turn:
        """Open the registration for changes, unless something half-filled would be lost."""
        draft = state.draft
        if draft is not None and draft.receipt == registration.receipt:
            return self.filling.entering.resume(message, state)
        if draft is not None and has_answers(self.filling.form, draft):
            options = [Option(say("resume"), "resume"), Option(say("cancel_discard"), "discard")]
            return lists.offer(message, state, [say("draft_first"), *options])
        return self.filling.entering.change(message, state, registration)

    def _for_one(self, message: Message, state: State, verb: str, which: str) -> Turn:
        if message.public:
            return [Reply(say("not_in_public"))], state
        if not state.registrations:
            if state.draft is None:
                options = [Option(say("register_now"), "register"), Option(say("forget_me"), "forget-sure")]
                return lists.offer(message, state, [say("no_registration"), *options])
            options = [Option(say("resume"), "resume"), Option(say("cancel_discard"), "discard")]
            return lists.offer(message, state, [say("draft_only"), *options])
        if len(state.registrations) == 1:
            return self.act(message, state, f"{verb} {state.registrations[0].receipt}")
        options = [
            Option(
                say("registration_of", name=kept.name, receipt=shown(kept.receipt)),
                f"{verb} {kept.receipt}",
            )
            for kept in state.registrations
        ]
        return lists.offer(message, state, [which, *options])

    def _page(self, message: Message, state: State, registration: Registration) -> Turn:
        receipt = registration.receipt
        options = [
            Option(say("mine_change"), f"change {receipt}"),
            Option(say("mine_copy"), f"copy {receipt}"),
            Option(say("mine_letter"), f"letter {receipt}"),
            *(
                [Option(say("mine_uncategory"), f"uncategory {receipt}")]
                if registration.answers.get(_CATEGORY_CONSENT) == "yes"
                else []
            ),
            Option(say("mine_delete"), f"delete {receipt}"),
            Option(say("mine_notice"), "notice"),
        ]
        lines = [say("mine_page", receipt=shown(receipt)), *self._lines(registration)]
        office = self.filling.office
        by_when = day_of(registration.created) + timedelta(days=office.contact_days)
        if day_of(message.at) > by_when:
            lines.append(say("mine_overdue", month=by_when.month, day=by_when.day, contact=office.contact))
        lines.append(say("mine_can"))
        return lists.offer(message, state, [*lines, *options])

    def _copy(self, message: Message, state: State, registration: Registration) -> Turn:
        """A file with everything that is stored about the registration."""
        lines = [
            say("copy_title", title=self.filling.form.title, receipt=shown(registration.receipt)),
            say(
                "copy_times",
                created=_minute(registration.created, message),
                updated=_minute(registration.updated, message),
            ),
            *self._lines(registration),
            say("copy_consents"),
            *(self._consent_line(consent, message) for consent in registration.consents),
        ]
        file = File(f"{shown(registration.receipt)}.txt", "\n".join(lines) + "\n")
        return [Reply(say("copy_sent"), file=file)], state

    def _withdraw_category(self, message: Message, state: State, registration: Registration) -> Turn:
        steps = {step.id: step for step in self.filling.form.steps}
        answers = {
            id: answer for id, answer in registration.answers.items() if id not in steps or not steps[id].sensitive
        }
        consents = tuple(
            replace(consent, agreed=False, at=message.at) if consent.kind == _CATEGORY_CONSENT else consent
            for consent in registration.consents
        )
        changed = replace(
            registration, answers={**answers, _CATEGORY_CONSENT: "no"}, consents=consents, updated=message.at
        )
        kept = tuple(changed if other.receipt == changed.receipt else other for other in state.registrations)
        return [Reply(say("category_withdrawn"))], replace(
            _without_draft_of(state, changed), registrations=kept, open=None
        )

    def _confirm_deletion(self, message: Message, state: State, registration: Registration) -> Turn:
        text = say("delete_sure", name=registration.name, receipt=shown(registration.receipt))
        options = [
            Option(say("delete_yes"), f"delete-sure {registration.receipt}"),
            Option(say("delete_no"), f"mine {registration.receipt}"),
        ]
        return lists.offer(message, state, [text, *options])

    def _delete(self, _: Message, state: State, registration: Registration) -> Turn:
        kept = tuple(other for other in state.registrations if other.receipt != registration.receipt)
        state = _without_draft_of(state, registration)
        deleted = say("deleted", name=registration.name)
        lines = [
            deleted,
            say("deleted_others", number=len(kept)) if kept else "",
            say("deleted_remains", backups=self.filling.office.backups),
        ]
        # The question asked last goes as well: it may speak of the person.
        state = replace(state, registrations=kept, open=None, topic=None, question="", unsent="")
        return [Reply("\n".join(filter(None, lines)))], state

    def _lines(self, registration: Registration) -> list[str]:
        steps = [step for step in self.filling.form.steps if step.id in registration.answers and step.kind != "consent"]
        return summary_lines(steps, registration.answers)

    def _consent_line(self, consent: Consent, message: Message) -> str:
        step = self.filling.form.step(consent.kind)
        return say(
            "consent_line",
            label=step.label if step else consent.kind,
            answer=say("agreed" if consent.agreed else "not_agreed"),
            at=_minute(consent.at, message),
            version=consent.version,
        )


def _of(registration: Registration, phrase: str, *, named: bool) -> str:
    """A line about a registration, with whose it is where there are several."""
    return f"{registration.name}：{say(phrase)}" if named else say(phrase)


def _without_draft_of(state: State, registration: Registration) -> State:
    """Drop a draft of changes to a registration that is deleted or changed otherwise, or of the same person."""
    draft = state.draft
    if draft is None:
        return state
    same = all(draft.answers.get(id) == registration.answers.get(id) for id in ("whom", "name"))
    return replace(state, draft=None) if same or draft.receipt == registration.receipt else state


def _minute(moment: datetime, message: Message) -> str:
    """A time as the person's clock has it: that of the message."""
    return f"{moment.astimezone(message.at.tzinfo):%Y-%m-%d %H:%M}"
