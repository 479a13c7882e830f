/** What a decision is: a value, never an exception (exemplars.md, Domain). */
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
    when: 'An agenda item leads to a proposal that is not recorded.',
    client: 'Record that proposal first, or leave it out of `leadsTo`.',
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
    when: 'Agreed terms, together with the planned dates that they leave as they are, end before they start.',
    client: 'Give both `data.terms.start` and `data.terms.end`.',
  },
  'takes-no-funding': {
    title: 'This kind takes no funding',
    when: '`funded` is recorded for a memorandum, framework agreement, treaty, committee session, forum or working meeting.',
    client: 'Record the funding on the project that it pays for.',
  },
  'not-agreed': {
    title: 'Nothing was agreed',
    when: '`funded` or `delivered` needs an agreement that is not recorded.',
    client: 'Record `agreed` first.',
  },
  'line-exists': {
    title: 'The funding line exists',
    when: '`funded` names a line that this proposal has.',
    client: 'Choose another id for a further line. An error in the recorded line is a correction.',
  },
  'unknown-pledge': {
    title: 'The pledge is not known',
    when: '`funded` refers to a pledge that is not recorded on this proposal.',
    client: 'Record the pledge first, or leave `pledge` out.',
  },
  'not-funded': {
    title: 'No funding line is recorded',
    when: '`delivered` is recorded for a kind that needs funding, before any `funded`.',
    client: 'Record `funded` first; its amount may be unknown or undisclosed.',
  },
  'already-delivered': {
    title: 'It was delivered before',
    when: '`delivered` is recorded after a complete delivery.',
    client: 'Nothing is to be done if it is the same act. An error in the record is a correction.',
  },
  'only-implementer-accepted': {
    title: 'Accepted by the implementer only',
    when: 'Everybody in `acceptedBy` of `delivered` is nothing but an implementer: the receiving side must accept.',
    client: 'Name a party with another role, or leave `acceptedBy` out where it is not known.',
  },
  'needs-evidence': {
    title: 'Evidence is needed',
    when: 'A committee session, forum or working meeting is delivered on somebody\u2019s word alone.',
    client: 'Give at least one piece of `evidence` that it took place.',
  },
} as const satisfies Record<string, Refusal>

export type RefusalCode = keyof typeof refusals
