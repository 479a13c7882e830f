/** The result of a decision: a value, never an exception. */
export type Decision = Accepted | Refused

export interface Accepted {
  readonly outcome: 'accepted'
}

/** In addition to these three, a refusal may have members that a program can act on; the problem document has them too. */
export interface Refused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  /** A sentence for people that names the rule and says what would be accepted. */
  readonly detail: string
  readonly [extra: string]: unknown
}

export const accepted: Accepted = { outcome: 'accepted' }

export function refused(code: RefusalCode, detail: string, extra?: Record<string, unknown>): Refused {
  return { ...extra, outcome: 'refused', code, detail }
}

/** The texts of a refusal for callers: its name, when it occurs, and what to do. */
export interface Refusal {
  readonly title: string
  readonly when: string
  readonly client: string
}

/** Every code that `decide` can return. Codes are stable, because callers act on them. */
export const refusals = {
  'unknown-proposal': {
    title: 'There is no such proposal',
    when: 'Any event but `proposed` is recorded on a proposal that was never proposed.',
    client: 'Check the id. If it is right, record `proposed` first.',
  },
  'already-proposed': {
    title: 'The id is taken',
    when: '`proposed` names a proposal id that was used before, whatever the state of that proposal is now.',
    client:
      'If it is the same proposal, record the new facts about it instead. Otherwise choose another id; ids are never re-used.',
  },
  'unknown-parent': {
    title: 'The parent is unknown',
    when: '`proposed` names a parent that is not recorded, or itself.',
    client: 'Record the parent first, or omit `parent`.',
  },
  'unknown-related-proposal': {
    title: 'A related proposal is unknown',
    when: 'An agenda item leads to a proposal that is not recorded, or a link points to one.',
    client: 'Record that proposal first, or omit it.',
  },
  'in-the-future': {
    title: 'It cannot have happened yet',
    when: 'Something that happened lies wholly in the future; the future begins after today at UTC+14.',
    client: 'Record it after it has happened, or give the date only as precisely as it is known.',
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
    when: 'An event would agree, fund or deliver a suspended proposal.',
    client: 'Record `resumed` first if that is what happened in the world.',
  },
  'not-a-party': {
    title: 'Not a party of the proposal',
    when: 'An event names an organisation that is not among the parties of the proposal.',
    client: 'Use one of the ids that the problem lists in `parties`.',
  },
  'already-agreed': {
    title: 'It is already agreed',
    when: '`agreed` is recorded a second time.',
    client:
      'If it is the same act, do nothing. Record new terms with `amended`, and an error in the record with `corrected`.',
  },
  'too-few-parties': {
    title: 'Too few parties agree',
    when: '`agreed` names one party only, and the kind is not `policy-commitment`.',
    client: 'Name at least two parties of the proposal.',
  },
  'missing-instrument': {
    title: 'The instrument is missing',
    when: 'An `oda-*` kind is agreed without the instrument of the agreement.',
    client: 'Give `data.instrument`; a descriptive title is enough if the name of the document is not known.',
  },
  'missing-objectives': {
    title: 'The objectives are missing',
    when: 'An `oda-*` kind is agreed without terms that state its objectives.',
    client: 'Give `data.terms.objectives`; start and end may be unknown.',
  },
  'ends-before-start': {
    title: 'It would end before it starts',
    when: 'Agreed, amended, updated or rescheduled dates, together with the planned dates that stay, end before they start; or a suspension ends before it starts.',
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
    client: 'Choose another id for a further line. Record an error in the existing line with `corrected`.',
  },
  'unknown-pledge': {
    title: 'The pledge is unknown',
    when: '`funded` refers to, or `pledged` withdraws, a pledge that is not recorded on this proposal.',
    client: 'Record the pledge first, or omit `pledge`.',
  },
  'not-funded': {
    title: 'No funding line is recorded',
    when: '`delivered` is recorded for a kind that needs funding, before any `funded`.',
    client: 'Record `funded` first; its amount may be unknown or undisclosed.',
  },
  'already-delivered': {
    title: 'It is already delivered',
    when: '`delivered` or `amended` is recorded after a complete delivery, or `ended` with an ending other than `expired`, `superseded` or `void`.',
    client: 'If it is the same act, do nothing. Record an error in the record with `corrected`.',
  },
  'only-implementer-accepted': {
    title: 'Accepted by the implementer only',
    when: 'All parties in `acceptedBy` of `delivered` are implementers only: the receiving side must accept.',
    client: 'Name a party with another role, or omit `acceptedBy` if it is not known.',
  },
  'needs-evidence': {
    title: 'Evidence is needed',
    when: 'A session is delivered, or a milestone met, on somebody\u2019s word alone; or `evidence-attached` attaches none.',
    client: 'Give at least one piece of `evidence`.',
  },
  'already-consented': {
    title: 'The consent is already recorded',
    when: '`consented` names a party and an act that were recorded before.',
    client: 'If it is the same act, do nothing. Attach further evidence to that event with `evidence-attached`.',
  },
  'changes-nothing': {
    title: 'It changes nothing',
    when: '`updated` or `amended` gives only the values that already hold.',
    client: 'Do nothing, or give a different value.',
  },
  'already-planned': {
    title: 'The date or place is already known',
    when: '`updated` gives a planned date or a place other than the known one.',
    client:
      'Record `rescheduled` for a date that changed, `amended` for changed terms, and `corrected` for an error in the record.',
  },
  'same-date': {
    title: 'The date is the same',
    when: '`rescheduled` gives the date that is planned already.',
    client: 'Do nothing, or give a different date.',
  },
  'already-suspended': {
    title: 'It is already suspended',
    when: '`suspended` meets a proposal that is suspended.',
    client: 'If it is the same suspension, do nothing. Otherwise record `resumed` first.',
  },
  'not-suspended': {
    title: 'It is not suspended',
    when: '`resumed` meets a proposal that is not suspended.',
    client: 'Do nothing, or record `suspended` first.',
  },
  'money-undecided': {
    title: 'The decision on open money is missing',
    when: '`ended` without `remaining` meets a proposal with open money; a line of unknown amount counts as open.',
    client: 'Give `data.remaining`: `keep`, `decommit` or `return`.',
  },
  'not-ended': {
    title: 'It is open',
    when: '`reopened` meets a proposal that has neither ended nor is closed.',
    client: 'Do nothing.',
  },
  superseded: {
    title: 'It was superseded',
    when: '`reopened` meets a proposal that another one superseded.',
    client: 'Record further events on the proposal that superseded it.',
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
    title: 'The funding line is unknown',
    when: 'An event names a funding line that this proposal does not have.',
    client: 'Use one of the ids that the problem lists in `lines`, or record `funded` first.',
  },
  'unknown-tranche': {
    title: 'The tranche is unknown',
    when: 'An event names a tranche that this proposal does not have.',
    client: 'Use one of the ids that the problem lists in `tranches`, plan it first, or omit it.',
  },
  'unknown-transaction': {
    title: 'The transaction is unknown',
    when: '`refunded` names a disbursement that this proposal does not have.',
    client: 'Use one of the ids that the problem lists in `transactions`.',
  },
  'transaction-exists': {
    title: 'The transaction exists',
    when: '`disbursed` names a transaction that was recorded before.',
    client: 'If it is the same payment, do nothing. Otherwise choose another id.',
  },
  'other-provider': {
    title: 'The pledge belongs to another provider',
    when: '`funded` or `pledged` names a pledge of another provider.',
    client: 'Name a pledge of the same provider, or choose another id for a further pledge.',
  },
  'other-currency': {
    title: 'The currency does not match',
    when: 'An amount is not in the currency of its line, transaction or pledge. A line of unknown amount has the currency of its pledge, or of the first tranche or payment.',
    client: 'Give the amount in the currency that the problem names in `currency`.',
  },
  'withdrawn-currency': {
    title: 'The currency was withdrawn',
    when: 'An amount is in a currency that was withdrawn more than a year before the event happened, such as marks in 2010.',
    client: 'Give the amount in the currency in which it was paid, or the date on which it happened.',
  },
  'other-line': {
    title: 'The tranche belongs to another line',
    when: '`disbursed` or `tranche-planned` names a tranche of another funding line.',
    client: 'Name the line that the problem gives, or another tranche.',
  },
  'over-committed': {
    title: 'More than was committed',
    when: '`disbursed` is more than the undisbursed rest of its line.',
    client:
      'Give at most the amount that the problem names in `undisbursed`. If the amount of the line is wrong, correct it first.',
  },
  'over-decommitted': {
    title: 'More than the rest of the line',
    when: '`decommitted` is more than the undisbursed rest of its line.',
    client: 'Give at most the amount that the problem names in `undisbursed`.',
  },
  'over-planned': {
    title: 'More than the line',
    when: 'The open tranches of a line would exceed its committed amount: too much is planned or decommitted (also by `ended`).',
    client: 'Reduce or cancel tranches first, or plan or decommit less.',
  },
  'over-refunded': {
    title: 'More than the disbursement',
    when: '`refunded` is more than the rest of its disbursement.',
    client: 'Give at most the amount that the problem names in `refundable`.',
  },
  'already-started': {
    title: 'It is already started',
    when: '`started` is recorded a second time.',
    client: 'If it is the same act, do nothing. Record an error in the record with `corrected`.',
  },
  'milestone-exists': {
    title: 'The milestone exists',
    when: '`milestone-planned` names a milestone that this proposal has.',
    client: 'Record `rescheduled` for another date, or choose another id.',
  },
  'unknown-milestone': {
    title: 'The milestone is unknown',
    when: '`milestone-reached` without a title, or `rescheduled`, names a milestone that was never planned.',
    client: 'Use one of the ids that the problem lists in `milestones`, or give `data.title`.',
  },
  'no-risk-flagged': {
    title: 'No risk is flagged',
    when: '`risk-cleared` meets a proposal without a flagged risk.',
    client: 'Do nothing, or record `risk-flagged` first.',
  },
  'not-a-session': {
    title: 'It has no agenda',
    when: 'An agenda is set, or an item resolved, on a proposal that is not a committee session, forum or working meeting.',
    client: 'Record it on the session.',
  },
  'unknown-agenda-item': {
    title: 'The agenda item is unknown',
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
    title: 'The link is already recorded',
    when: '`linked` repeats a link that still holds.',
    client: 'Do nothing. Attach further evidence to that event with `evidence-attached`.',
  },
  'second-parent': {
    title: 'It already has a parent',
    when: '`linked` makes a proposal the child of a second parent.',
    client:
      'Record `unlinked` from the parent that the problem names in `parent` first, or correct the link if it was recorded wrongly.',
  },
  'parent-cycle': {
    title: 'A cycle of parents',
    when: '`linked`, or a link restored by a correction or retraction, makes a proposal a child of one of its own descendants.',
    client: 'If the link in the other direction is wrong, unlink it first.',
  },
  'link-cycle': {
    title: 'A cycle of links',
    when: '`linked`, or a link restored by a correction or retraction, makes a proposal precede or supersede one that, directly or through others, precedes or supersedes it.',
    client: 'If the link in the other direction is wrong, unlink it first.',
  },
  'not-linked': {
    title: 'There is no such link',
    when: '`unlinked` names a link that does not hold.',
    client: 'Use one of the links that the problem lists in `links`.',
  },
  'earlier-confirmation': {
    title: 'Earlier than the last confirmation',
    when: '`confirmed` has an earlier day than the last confirmation.',
    client: 'Do nothing: a later confirmation is recorded.',
  },
  'unknown-version': {
    title: 'There is no such event',
    when: 'An event names a version that this proposal does not have yet.',
    client: 'Use a version from 1 to the one that the problem names in `version`.',
  },
  'not-contested': {
    title: 'It is not contested',
    when: '`contest-resolved` names an event that has no open claim against it.',
    client: 'Use one of the versions that the problem lists in `contested`.',
  },
  'correction-dated': {
    title: 'A correction has no date of its own',
    when: '`corrected` has an `occurredOn` that is not null.',
    client: 'Give null. The correct date of an event belongs in its member of `data.corrections`.',
  },
  'not-correctable': {
    title: 'A correction cannot be corrected',
    when: '`corrected` names an event that is itself a correction or a retraction.',
    client: 'Retract that event, and record the right one.',
  },
  'erasure-stands': {
    title: 'An erasure stays on record',
    when: '`corrected` or `retracted` names an event `erased`, which records that texts were erased for ever.',
    client: 'Leave that event out. What was erased and may be said is recorded anew, with `updated` or `corrected`.',
  },
  'correction-invalid': {
    title: 'The corrected data do not fit',
    when: 'A member of `data.corrections` does not fit the schema of the event that it corrects.',
    client:
      'Fix the faults that the problem lists in `errors`. `data` is the complete correct data, which replaces the old data.',
  },
  'breaks-events': {
    title: 'It would break other events',
    when: 'After `corrected` or `retracted`, an event would be refused in its place that was not refused before.',
    client: 'Correct or retract the events that the problem lists in `broken` as well, all in the same event.',
  },
  'first-event-retracted': {
    title: 'The first event cannot be retracted',
    when: '`retracted` names version 1, which creates the proposal.',
    client: 'Correct it or, if the whole proposal was recorded by mistake, end it as `void`.',
  },
  'too-many-events': {
    title: 'The proposal has the maximum number of events',
    when: 'A proposal has 10,000 events. Corrections, retractions, claims, further evidence, `ended`, `closed`, `linked` and `unlinked` are accepted up to 11,000.',
    client: 'Record further events on a new proposal, with this one as its parent.',
  },
  'proposal-too-large': {
    title: 'The proposal has its maximum size',
    when: 'With this event, the lines of a proposal would take more than 8 MiB; 9 MiB for corrections, retractions, claims, further evidence, `ended`, `closed`, `linked` and `unlinked`.',
    client: 'Record further events on a new proposal, with this one as its parent. Cite long texts as evidence.',
  },
  'too-many-parties': {
    title: 'Too many parties',
    when: '`party-joined` or `party-left` meets a proposal with 500 parties, or with 500 former parties.',
    client: 'Record its parts as separate proposals, or the parties as a group (`group: true`).',
  },
  'too-many-links': {
    title: 'Too many links',
    when: '`linked` meets a proposal that has 1,000 links of its own.',
    client: 'Link from the other proposal to this one or to a part of it: both proposals show each link.',
  },
  'too-many-entries': {
    title: 'A list of the proposal is full',
    when: 'A proposal has 1,000 funding lines, pledges, milestones or contributions in kind, and gets one more.',
    client: 'Record further events on a new proposal, with this one as its parent.',
  },
  'parents-too-deep': {
    title: 'Too many levels of parents',
    when: '`proposed` or `linked` names a parent that, with all its own parents, makes more than 20 proposals.',
    client: 'Choose a parent nearer to the top.',
  },
  'links-too-long': {
    title: 'The chain of links is too long',
    when: '`linked` makes a proposal precede or supersede one from which a chain of more than 100 such links leads on.',
    client: 'Link to a proposal nearer to the end of the chain.',
  },
} as const satisfies Record<string, Refusal>

export type RefusalCode = keyof typeof refusals
