/** What a decision is: a value, never an exception. */
export type Decision = Accepted | Refused

export interface Accepted {
  readonly outcome: 'accepted'
}

/** Beside these three, a refusal may carry members that a program can act on; they are shown in the problem document. */
export interface Refused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  /** A sentence for people that says which rule it is and what would be accepted. */
  readonly detail: string
  readonly [extra: string]: unknown
}

export const accepted: Accepted = { outcome: 'accepted' }

export function refused(code: RefusalCode, detail: string, extra?: Record<string, unknown>): Refused {
  return { ...extra, outcome: 'refused', code, detail }
}

/** What a caller reads about a refusal: its name, when it comes, and what to do then. */
export interface Refusal {
  readonly title: string
  readonly when: string
  readonly client: string
}

/** Every code that `decide` can give. Codes are stable: callers act on them. */
export const refusals = {
  'unknown-proposal': {
    title: 'There is no such proposal',
    when: 'Any event but `proposed` is recorded on a proposal that was never proposed.',
    client: 'Check the id. If it is right, record `proposed` first.',
  },
  'already-proposed': {
    title: 'The id is taken',
    when: '`proposed` names a proposal id that was used before, in whatever state that proposal is now.',
    client:
      'If it is the same thing, record what is new about it instead. Otherwise choose another id; ids are never re-used.',
  },
  'unknown-parent': {
    title: 'The parent is not known',
    when: '`proposed` names a parent that is not recorded, or itself.',
    client: 'Record the parent first, or leave `parent` out.',
  },
  'unknown-related-proposal': {
    title: 'A proposal referred to is not known',
    when: 'An agenda item leads, or a link points, to a proposal that is not recorded.',
    client: 'Record that proposal first, or leave it out.',
  },
  'in-the-future': {
    title: 'It cannot have happened yet',
    when: 'Something that happened lies wholly in the future; the future begins after today at UTC+14.',
    client: 'Record it once it has happened, or give the date as precisely as it is really known.',
  },
  ended: {
    title: 'The proposal has ended',
    when: 'An event that needs an open proposal meets one that was declined, cancelled, superseded …',
    client: 'Record `reopened` first if that is what happened in the world.',
  },
  closed: {
    title: 'The proposal is closed',
    when: 'An event that needs an open proposal meets one that was delivered and settled.',
    client: 'Record `reopened` first if that is what happened in the world.',
  },
  suspended: {
    title: 'The proposal is suspended',
    when: 'A suspended proposal is to be agreed, funded or delivered.',
    client: 'Record `resumed` first if that is what happened in the world.',
  },
  'not-a-party': {
    title: 'Not a party of the proposal',
    when: 'An event names an organisation that is not among the parties of the proposal.',
    client: 'Use one of the ids that the problem lists in `parties`.',
  },
  'already-agreed': {
    title: 'It was agreed before',
    when: '`agreed` is recorded a second time.',
    client:
      'Nothing is to be done if it is the same act. New terms are an amendment, an error in the record is a correction.',
  },
  'too-few-parties': {
    title: 'Too few parties agree',
    when: '`agreed` names one party only, and the kind is not `policy-commitment`.',
    client: 'Name at least two parties of the proposal.',
  },
  'missing-instrument': {
    title: 'The instrument is missing',
    when: 'An `oda-*` kind is agreed without the instrument that it is agreed in.',
    client: 'Give `data.instrument`; a descriptive title is enough where the document is not named.',
  },
  'missing-objectives': {
    title: 'The objectives are missing',
    when: 'An `oda-*` kind is agreed without terms that state its objectives.',
    client: 'Give `data.terms.objectives`; start and end may be unknown.',
  },
  'ends-before-start': {
    title: 'It would end before it starts',
    when: 'Agreed, amended, updated or rescheduled dates, together with the planned ones that they leave as they are, end before they start; or a suspension does.',
    client: 'Give a start and an end that are possible together.',
  },
  'takes-no-funding': {
    title: 'This kind takes no funding',
    when: '`funded` is recorded for a memorandum, framework agreement, treaty, committee session, forum or working meeting.',
    client: 'Record the funding on the project that it pays for.',
  },
  'not-agreed': {
    title: 'Nothing was agreed',
    when: 'An event that needs an agreement (`funded`, `delivered`, `amended`, `started`, `contributed-in-kind`) meets a proposal without one.',
    client: 'Record `agreed` first.',
  },
  'line-exists': {
    title: 'The funding line exists',
    when: '`funded` names a line that this proposal has.',
    client: 'Choose another id for a further line. An error in the recorded line is a correction.',
  },
  'unknown-pledge': {
    title: 'The pledge is not known',
    when: '`funded` refers to a pledge that is not recorded on this proposal, or `pledged` withdraws one.',
    client: 'Record the pledge first, or leave `pledge` out.',
  },
  'not-funded': {
    title: 'No funding line is recorded',
    when: '`delivered` is recorded for a kind that needs funding, before any `funded`.',
    client: 'Record `funded` first; its amount may be unknown or undisclosed.',
  },
  'already-delivered': {
    title: 'It was delivered before',
    when: '`delivered` or `amended` is recorded after a complete delivery, or `ended` with another ending than `expired`, `superseded` or `void`.',
    client: 'Nothing is to be done if it is the same act. An error in the record is a correction.',
  },
  'only-implementer-accepted': {
    title: 'Accepted by the implementer only',
    when: 'Everybody in `acceptedBy` of `delivered` is nothing but an implementer: the receiving side must accept.',
    client: 'Name a party with another role, or leave `acceptedBy` out where it is not known.',
  },
  'needs-evidence': {
    title: 'Evidence is needed',
    when: 'A session is delivered, or a milestone met, on somebody\u2019s word alone; or `evidence-attached` attaches none.',
    client: 'Give at least one piece of `evidence`.',
  },
  'already-consented': {
    title: 'The consent was recorded before',
    when: '`consented` names a party and an act that were recorded before.',
    client: 'Nothing is to be done if it is the same act. Further evidence is attached to the event that has it.',
  },
  'changes-nothing': {
    title: 'It changes nothing',
    when: '`updated` or `amended` says only what is so already.',
    client: 'Nothing is to be done, or give what is different.',
  },
  'already-planned': {
    title: 'The date or place is known',
    when: '`updated` gives a planned date or a place other than the known one.',
    client:
      'Record `rescheduled` for a date that changed, `amended` for changed terms, a correction for an error in the record.',
  },
  'same-date': {
    title: 'The date is the same',
    when: '`rescheduled` gives the date that is planned already.',
    client: 'Nothing is to be done, or give the other date.',
  },
  'already-suspended': {
    title: 'It is suspended',
    when: '`suspended` meets a proposal that is suspended.',
    client: 'Nothing is to be done if it is the same suspension. Record `resumed` first otherwise.',
  },
  'not-suspended': {
    title: 'It is not suspended',
    when: '`resumed` meets a proposal that is not suspended.',
    client: 'Nothing is to be done, or record `suspended` first.',
  },
  'money-undecided': {
    title: 'What becomes of the money is not said',
    when: '`ended` without `remaining` meets a proposal with open money; a line of unknown amount counts as open.',
    client: 'Give `data.remaining`: `keep`, `decommit` or `return`.',
  },
  'not-ended': {
    title: 'It is open',
    when: '`reopened` meets a proposal that has neither ended nor is closed.',
    client: 'Nothing is to be done.',
  },
  superseded: {
    title: 'It was superseded',
    when: '`reopened` meets a proposal that another one took the place of.',
    client: 'Record what follows on the proposal that superseded it.',
  },
  'not-delivered': {
    title: 'It was not delivered',
    when: '`closed` meets a proposal that is not delivered completely.',
    client: 'Record `delivered` first.',
  },
  'money-not-settled': {
    title: 'Money is not settled',
    when: '`closed` meets a proposal with open money; a line of unknown amount counts as open.',
    client: 'Record what was disbursed or decommitted, or correct the unknown amount.',
  },
  'milestone-open': {
    title: 'An obligatory milestone is open',
    when: '`delivered` meets an obligatory milestone that is neither met nor waived.',
    client: 'Record `milestone-reached` for each that the problem lists, or deliver with `complete: false`.',
  },
  'unknown-line': {
    title: 'The funding line is not known',
    when: 'An event names a funding line that this proposal does not have.',
    client: 'Use one of the ids that the problem lists in `lines`, or record `funded` first.',
  },
  'unknown-tranche': {
    title: 'The tranche is not known',
    when: 'An event names a tranche that this proposal does not have.',
    client: 'Use one of the ids that the problem lists in `tranches`, plan it first, or leave it out.',
  },
  'unknown-transaction': {
    title: 'The transaction is not known',
    when: '`refunded` names a disbursement that this proposal does not have.',
    client: 'Use one of the ids that the problem lists in `transactions`.',
  },
  'transaction-exists': {
    title: 'The transaction exists',
    when: '`disbursed` names a transaction that was recorded before.',
    client: 'Nothing is to be done if it is the same payment. Choose another id otherwise.',
  },
  'other-provider': {
    title: 'The pledge is another provider\u2019s',
    when: '`funded` or `pledged` names a pledge of another provider.',
    client: 'Name a pledge of the same provider, or choose another id for a further one.',
  },
  'other-currency': {
    title: 'The currency is another',
    when: 'An amount is not in the currency of its line, transaction or pledge. A line of unknown amount has the currency of its pledge, or of the first tranche or payment.',
    client: 'Give the amount in the currency that the problem names in `currency`.',
  },
  'withdrawn-currency': {
    title: 'The currency was withdrawn',
    when: 'An amount is in a currency that was withdrawn more than a year before the event happened, such as marks in 2010.',
    client: 'Give the amount in the currency that it was paid in, or the date on which it happened.',
  },
  'other-line': {
    title: 'The tranche is one of another line',
    when: '`disbursed` or `tranche-planned` names a tranche of another funding line.',
    client: 'Name the line that the problem gives, or another tranche.',
  },
  'over-committed': {
    title: 'More than what was committed',
    when: '`disbursed` is more than the undisbursed rest of its line.',
    client:
      'Give at most the amount that the problem names in `undisbursed`. A wrong amount of the line is corrected first.',
  },
  'over-decommitted': {
    title: 'More than the rest of the line',
    when: '`decommitted` is more than the undisbursed rest of its line.',
    client: 'Give at most the amount that the problem names in `undisbursed`.',
  },
  'over-planned': {
    title: 'More than the line',
    when: 'The open tranches of a line would be more than what is committed on it: too much is planned, or decommitted (also by `ended`).',
    client: 'Reduce or cancel tranches first, or plan, or decommit, less.',
  },
  'over-refunded': {
    title: 'More than the disbursement',
    when: '`refunded` is more than what is left of its disbursement.',
    client: 'Give at most the amount that the problem names in `refundable`.',
  },
  'already-started': {
    title: 'It was started before',
    when: '`started` is recorded a second time.',
    client: 'Nothing is to be done if it is the same act. An error in the record is a correction.',
  },
  'milestone-exists': {
    title: 'The milestone exists',
    when: '`milestone-planned` names a milestone that this proposal has.',
    client: 'Record `rescheduled` for another date, or choose another id.',
  },
  'unknown-milestone': {
    title: 'The milestone is not known',
    when: '`milestone-reached` without title, or `rescheduled`, names a milestone that was never planned.',
    client: 'Use one of the ids that the problem lists in `milestones`, or give `data.title`.',
  },
  'no-risk-flagged': {
    title: 'No risk is flagged',
    when: '`risk-cleared` meets a proposal without a flagged risk.',
    client: 'Nothing is to be done, or record `risk-flagged` first.',
  },
  'not-a-session': {
    title: 'It has no agenda',
    when: 'An agenda is set or resolved on what is no committee session, forum or working meeting.',
    client: 'Record it on the session.',
  },
  'unknown-agenda-item': {
    title: 'The agenda item is not there',
    when: '`agenda-item-resolved` names an item that is not on the agenda.',
    client: 'Use one of the numbers that the problem lists in `items`, or record `agenda-set` first.',
  },
  'last-party': {
    title: 'It is the last party',
    when: '`party-left` names the only party.',
    client: 'Record `ended`, or let another party join first.',
  },
  'last-funder': {
    title: 'It is the last funder',
    when: '`party-left` names the last funder while money is open; a line of unknown amount counts as open.',
    client: 'Disburse or decommit what is open, or let another funder join first.',
  },
  'linked-to-itself': {
    title: 'Linked to itself',
    when: '`linked` names the proposal itself.',
    client: 'Name another proposal.',
  },
  'already-linked': {
    title: 'The link was recorded before',
    when: '`linked` repeats a link that holds.',
    client: 'Nothing is to be done. Further evidence is attached to the event that has it.',
  },
  'second-parent': {
    title: 'It has a parent',
    when: '`linked` makes a proposal the child of a second parent.',
    client:
      'Record `unlinked` from the parent that the problem names in `parent` first, or correct the link where it was recorded wrongly.',
  },
  'parent-cycle': {
    title: 'A cycle of parents',
    when: '`linked`, or what a correction or retraction brings back, makes a proposal a child of one of its own descendants.',
    client: 'Unlink the other direction first if that was wrong.',
  },
  'link-cycle': {
    title: 'A circle of links',
    when: '`linked`, or what a correction or retraction brings back, lets a proposal precede or supersede one that, by itself or through others, precedes or supersedes it.',
    client: 'Unlink the other direction first if that was wrong.',
  },
  'not-linked': {
    title: 'There is no such link',
    when: '`unlinked` names a link that does not hold.',
    client: 'Use one of those that the problem lists in `links`.',
  },
  'earlier-confirmation': {
    title: 'Earlier than the last confirmation',
    when: '`confirmed` is as of an earlier day than the last one.',
    client: 'Nothing is to be done: a later confirmation is recorded.',
  },
  'unknown-version': {
    title: 'There is no such event',
    when: 'An event names a version that this proposal does not have yet.',
    client: 'Use a version from 1 to that which the problem names in `version`.',
  },
  'not-contested': {
    title: 'It is not contested',
    when: '`contest-resolved` names an event against which no open claim stands.',
    client: 'Use one of the versions that the problem lists in `contested`.',
  },
  'correction-dated': {
    title: 'A correction has no date of its own',
    when: '`corrected` has an `occurredOn` that is not null.',
    client: 'Give null. The right date of an event stands in its member of `data.corrections`.',
  },
  'not-correctable': {
    title: 'A correction is not corrected',
    when: '`corrected` names an event that is itself a correction or a retraction.',
    client: 'Retract that event, and record what is right.',
  },
  'correction-invalid': {
    title: 'What is to be read instead does not fit',
    when: 'A member of `data.corrections` does not fit the schema of the type of the event that it corrects.',
    client: 'Put right what the problem lists in `errors`. `data` is the whole right data, in place of the old.',
  },
  'breaks-events': {
    title: 'It would break events of the record',
    when: '`corrected` or `retracted` leaves an event that would be refused at its place, and was not before.',
    client: 'Correct or retract the events that the problem lists in `broken` as well, all in the same event.',
  },
  'first-event-retracted': {
    title: 'The first event is not retracted',
    when: '`retracted` names version 1, which makes the proposal.',
    client: 'Correct it, or end the proposal as `void` if all of it was recorded by mistake.',
  },
  'too-many-events': {
    title: 'The proposal has all the events that it may have',
    when: 'A proposal has 10,000 events. Corrections, retractions, claims, further evidence, `ended`, `closed`, `linked` and `unlinked` are taken up to 11,000.',
    client: 'Record what follows on a proposal of its own, with this one as its parent.',
  },
  'proposal-too-large': {
    title: 'The proposal is as large as it may be',
    when: 'With this event, the lines of a proposal would take more than 8 MiB; 9 MiB for corrections, retractions, claims, further evidence, `ended`, `closed`, `linked` and `unlinked`.',
    client: 'Record what follows on a proposal of its own, with this one as its parent. Cite long texts as evidence.',
  },
  'too-many-parties': {
    title: 'Too many parties',
    when: '`party-joined` or `party-left` meets a proposal with 500 parties, or with 500 that left.',
    client: 'Record parts of it as proposals of their own, or the parties as a group (`group: true`).',
  },
  'too-many-links': {
    title: 'Too many links',
    when: '`linked` meets a proposal that has 1,000 links of its own.',
    client: 'Link the other proposal to this one instead, or to a part of it: each link is shown on both.',
  },
  'too-many-entries': {
    title: 'A list of the proposal is full',
    when: 'A proposal has 1,000 funding lines, pledges, milestones or contributions in kind, and gets one more.',
    client: 'Record what follows on a proposal of its own, with this one as its parent.',
  },
  'parents-too-deep': {
    title: 'Too many levels of parents',
    when: '`proposed` or `linked` names a parent that makes, with all that it is part of, more than 20 proposals.',
    client: 'Choose a parent that is nearer to the top.',
  },
  'links-too-long': {
    title: 'Too many links one after the other',
    when: '`linked` lets a proposal precede or supersede one from which, one after the other, more than 100 are linked so.',
    client: 'Link to one that is nearer to their end.',
  },
} as const satisfies Record<string, Refusal>

export type RefusalCode = keyof typeof refusals
