/** Which proposals can be published: the rules of IATI that an activity would fail, judged before it is written. */
import { type Kind, profiles } from '@commitments/domain'
import type { Course } from './course.ts'
import type { Publication } from './draft.ts'
import { canBeWritten } from './languages.ts'
import { recipientOf, sectorOf } from './places.ts'
import { datesOf, isInstrument } from './status.ts'

/** A rule that an activity would fail. */
export interface Failure {
  /** The id of the rule in IATI's rule set; `void`, `kind` and `participating-org` are ours. */
  readonly id: string
  readonly message: string
  /** What would mend it: a member of our record, or of the settings; null if nothing would. */
  readonly complete: string | null
}

/** The rules that a proposal fails; none, if it can be published. */
export function failuresOf(course: Course, { settings, limit }: Publication): Failure[] {
  const { proposal } = course
  const { proposalId, kind, ending, title, parties } = proposal
  if (ending === 'void') return [{ id: 'void', message: 'It was recorded by mistake.', complete: null }]
  if (!settings.kinds.includes(kind)) return [otherKind(kind)]
  const failures: Failure[] = []
  const { dates } = datesOf(course, limit)
  if (!dates.some(({ type }) => type === '1' || type === '2')) failures.push(noStart(kind))
  if (sectorOf(proposal, settings) === null) failures.push(noSector(proposalId, proposal.fields))
  const recipient = recipientOf(proposal, settings)
  if ('fails' in recipient) failures.push(noRecipient(proposalId, recipient.fails, recipient.countries))
  if (!canBeWritten(title)) failures.push(noTitle)
  if (parties.length === 0) failures.push(noParty)
  return failures
}

function otherKind(kind: Kind): Failure {
  return {
    id: 'kind',
    message: `The settings do not publish proposals of the kind ${kind}.`,
    complete: `IATI_FILE: kinds`,
  }
}

function noStart(kind: Kind): Failure {
  const further = profiles[kind].session
    ? ', or the day of the meeting (delivered)'
    : isInstrument(kind)
      ? ', or the day on which it came into force (delivered)'
      : ', or the date of a payment (disbursed)'
  return {
    id: '6.11.1',
    message: `The activity must have a planned start date or an actual start date. Record when it is planned to start (planned.start) or when it did (started)${further}.`,
    complete: 'planned.start',
  }
}

function noSector(proposalId: string, fields: readonly string[]): Failure {
  const message = 'The activity must have a sector.'
  if (fields.length === 0)
    return { id: '6.2.2', message: `${message} The proposal has no field of activity.`, complete: 'fields' }
  const members = fields.map((field) => `sectors.${field}`).join(', ')
  const detail = `The settings have no sector for ${fields.join(', ')}.`
  return {
    id: '6.2.2',
    message: `${message} ${detail}`,
    complete: `IATI_FILE: ${members}, or proposals.${proposalId}.sector`,
  }
}

function noRecipient(proposalId: string, id: '3.7.1' | '3.1.1', countries: readonly string[]): Failure {
  if (id === '3.7.1') {
    const message = 'The activity must have a recipient country or region: no party that receives has a country.'
    return { id, message, complete: 'parties.country' }
  }
  const message = `Several countries receive (${countries.join(', ')}), and then each must have a percentage, which the record does not have.`
  return { id, message, complete: `IATI_FILE: proposals.${proposalId}.countries or .region` }
}

const noTitle: Failure = {
  id: '4.3.1',
  message: 'The title must have a text in a language with a two-letter code.',
  complete: 'title',
}

const noParty: Failure = {
  id: 'participating-org',
  message: 'An activity must have a participating organisation, and the proposal has no party now.',
  complete: 'parties',
}
