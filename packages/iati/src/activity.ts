/** An activity of IATI 2.03, with its elements in the order of the schema. */
import {
  amountStatusWords,
  collecting,
  definitionOf,
  endingWords,
  fieldWords,
  kindWords,
  type LanguageMap,
  labelOf,
  type Proposal,
  type Sliced,
  stageWords,
} from '@commitments/domain'
import type { Code } from './codes.ts'
import { type Course, stepsOf } from './course.ts'
import { isExact } from './days.ts'
import { documentLinks } from './documents.ts'
import { Draft, type Publication } from './draft.ts'
import { sayAndCount } from './expressions.ts'
import { canBeWritten } from './languages.ts'
import { type CarriedBelow, plannedDisbursements, transactions } from './money.ts'
import { organisation, participants } from './organisations.ts'
import { defaultsOf, isBilateral, type Recipient, recipientOf, sectorOf } from './places.ts'
import { results } from './results.ts'
import type { Settings } from './settings.ts'
import { datesOf, statusOf } from './status.ts'
import { dateInWords, phrase } from './words.ts'
import { type Element, writing } from './xml.ts'

/** What other proposals say about one: only those that are published as well. */
export interface Relatives {
  /** Its depth in the tree of parents, from 1. */
  readonly hierarchy: number
  readonly related: readonly { readonly type: Code<'RelatedActivityType'>; readonly proposalId: string }[]
  readonly below: CarriedBelow
}

export interface Activity {
  readonly xml: string
  readonly draft: Draft
}

/** The identifier of a proposal in IATI. It never changes. */
function identifierOf({ reportingOrg }: Settings, proposalId: string): string {
  return `${reportingOrg.ref}-${proposalId}`
}

/** Writes a proposal that fails no rule (`failuresOf`) as an activity, in slices: it may be of ten thousand events. */
export function* writeActivity(course: Course, publication: Publication, relatives: Relatives): Sliced<Activity> {
  const { proposal } = course
  const { title, parties, formerParties } = proposal
  const draft = new Draft(publication, title, [...formerParties, ...parties])
  return { xml: yield* writing('iati-activity', yield* element(draft, course, relatives)), draft }
}

function* element(draft: Draft, course: Course, { hierarchy, related, below }: Relatives): Sliced<Element> {
  const { proposal, recordedAt, position } = course
  const { settings, publicUrl, logId } = draft.publication
  const { proposalId } = proposal
  const recipient = recipientOf(proposal, settings)
  const { flow, finance, aid } = defaultsOf(proposal)
  // Made first: what they cannot say is said in the descriptions, which come before them.
  const money = yield* transactions(draft, course, below)
  const planned = yield* plannedDisbursements(draft, course, below)
  sayState(draft, proposal)
  yield* sayAndCount(draft, course)
  return {
    '@xml:lang': settings.language,
    '@last-updated-datetime': recordedAt,
    '@hierarchy': String(hierarchy),
    '@linked-data-uri': publicUrl === '' ? undefined : `${publicUrl}/v1/proposals/${proposalId}`,
    'iati-identifier': { '#text': identifierOf(settings, proposalId) },
    'reporting-org': reportingOrg(draft),
    title: { narrative: draft.narratives(proposal.title, 'title') },
    description: yield* descriptions(draft, proposal),
    'participating-org': participants(draft, proposal.parties),
    'other-identifier': yield* otherIdentifiers(draft, course),
    'activity-status': { '@code': statusOf(proposal) },
    'activity-date': dates(draft, course),
    'contact-info': contact(draft),
    'activity-scope': 'country' in recipient ? { '@code': '4' satisfies Code<'ActivityScope'> } : undefined,
    ...recipientElements(recipient),
    sector: { '@vocabulary': '1', '@code': sectorOf(proposal, settings) ?? undefined },
    tag: tags(draft, proposal),
    'collaboration-type': isBilateral(proposal, recipient) ? { '@code': '1' } : undefined,
    'default-flow-type': coded(flow),
    'default-finance-type': coded(finance),
    'default-aid-type': coded(aid),
    'planned-disbursement': planned,
    transaction: money,
    'document-link': yield* documentLinks(draft, course),
    'related-activity': related.map((one) => ({ '@ref': identifierOf(settings, one.proposalId), '@type': one.type })),
    result: yield* results(draft, course),
    'c:record': { '@c:log-id': logId, '@c:position': String(position) },
  }
}

function coded(code: string | undefined): Element | undefined {
  return code === undefined ? undefined : { '@code': code }
}

function reportingOrg(draft: Draft): Element {
  const { ref, type, name, secondaryReporter } = draft.settings.reportingOrg
  return {
    '@ref': ref,
    '@type': type,
    '@secondary-reporter': secondaryReporter ? '1' : '0',
    narrative: draft.narratives(name, 'name of the reporting organisation'),
  }
}

/** What it is (1), its objectives (2), and everything that IATI has no element for (4). */
function* descriptions(draft: Draft, proposal: Proposal): Sliced<Element[]> {
  const { summary, agreement } = proposal
  const general = summary !== null && canBeWritten(summary) ? summary : summaryOf(draft, proposal)
  const objectives = agreement?.terms?.objectives
  const text = (type: Code<'DescriptionType'>, map: LanguageMap, what: string): Element[] => {
    const narrative = draft.narratives(map, what)
    return narrative.length === 0 ? [] : [{ '@type': type, narrative }]
  }
  return [
    ...text('1', general, 'summary'),
    ...(objectives === undefined ? [] : text('2', objectives, 'objectives')),
    ...(yield* collecting(draft.statements, (statement) => text('4', statement, 'statement'))),
  ]
}

/** A sentence of what is known: a repeated title would say nothing. */
function summaryOf(draft: Draft, { kind, parties, stage }: Proposal): LanguageMap {
  return draft.sentence((language) =>
    phrase('summary', language, {
      kind: labelOf(kindWords, kind, language),
      parties: parties.map(({ party }) => draft.nameOf(party, language)).join(', '),
      stage: labelOf(stageWords, stage, language),
    }),
  )
}

/** What was asked for, why it ended, and why it is suspended: IATI has no element for them. */
function sayState(draft: Draft, { requested, end, suspension }: Proposal): void {
  for (const { amount, amountStatus, provider } of requested) {
    draft.state((language) => {
      const sum = amount
        ? `${amount.value} ${amount.currency}`
        : labelOf(amountStatusWords, amountStatus ?? 'unknown', language)
      const giver = provider === undefined ? '' : ` (${draft.nameOf(provider, language)})`
      return phrase('requested', language, { amount: `${sum}${giver}` })
    })
  }
  if (end !== null)
    draft.statements.push(draft.labelled((language) => labelOf(endingWords, end.ending, language), end.reason))
  if (suspension !== null)
    draft.stateText((language) => definitionOf('suspended')?.words[language].label ?? '', suspension.reason)
}

/** Ours, and the numbers of agreements. */
function* otherIdentifiers(draft: Draft, course: Course): Sliced<Element[]> {
  const { proposalId, agreement } = course.proposal
  const numbers = stepsOf(course, 'funded').flatMap(({ event }) => {
    const { agreementNumber, provider } = event.data
    return agreementNumber === undefined ? [] : [{ number: agreementNumber, provider }]
  })
  const distinct = [...new Map(numbers.map((one) => [`${one.provider} ${one.number}`, one])).values()]
  const instrument = agreement?.instrument?.number
  const another = 'A9' satisfies Code<'OtherIdentifierType'>
  return [
    { '@ref': proposalId, '@type': 'A1' satisfies Code<'OtherIdentifierType'> },
    ...(yield* collecting(distinct, ({ number, provider }) => {
      const { '@ref': ref, narrative } = organisation(draft, provider)
      return [{ '@ref': number, '@type': another, 'owner-org': { '@ref': ref, narrative } }]
    })),
    ...(instrument === undefined ? [] : [{ '@ref': instrument, '@type': another }]),
  ]
}

function dates(draft: Draft, course: Course): Element[] {
  const { dates, contradictions } = datesOf(course, draft.publication.limit)
  for (const { rule, known, version } of contradictions)
    draft.omit(
      version,
      `the end (${known})`,
      `It would lie before the start (rule ${rule}): one of the dates must be wrong.`,
    )
  return dates.map(({ type, day, known }) => ({
    '@type': type,
    '@iso-date': day,
    '@c:date': known,
    narrative: isExact(known)
      ? undefined
      : draft.narratives(
          draft.sentence((language) => dateInWords(known, language)),
          'date',
        ),
  }))
}

/** An organisation's, never a person's. */
function contact(draft: Draft): Element | undefined {
  const { contact: known } = draft.settings
  if (known === undefined) return undefined
  const { organisation: name, email, website } = known
  return {
    '@type': '1',
    organisation: name && { narrative: draft.narratives(name, 'name of the contact') },
    email: email === undefined ? undefined : { '#text': email },
    website: website === undefined ? undefined : { '#text': website },
  }
}

function recipientElements(recipient: Recipient): Element {
  if ('country' in recipient) return { 'recipient-country': { '@code': recipient.country } }
  if ('region' in recipient) return { 'recipient-region': { '@vocabulary': '1', '@code': recipient.region } }
  if ('fails' in recipient) return {}
  const shares = Object.entries(recipient.shares).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { 'recipient-country': shares.map(([code, share]) => ({ '@code': code, '@percentage': share })) }
}

/** Fields are tags: sectors of one vocabulary would need percentages, which nobody knows. */
function tags(draft: Draft, { fields }: Proposal): Element[] {
  const { publicUrl } = draft.publication
  return fields.map((field) => ({
    '@vocabulary': '99',
    '@vocabulary-uri': publicUrl === '' ? undefined : `${publicUrl}/v1/vocabulary`,
    '@code': field,
    narrative: draft.narratives(
      draft.sentence((language) => labelOf(fieldWords, field, language)),
      'field',
    ),
  }))
}
