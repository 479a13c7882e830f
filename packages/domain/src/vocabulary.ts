import { erased } from './erased.ts'
import { refusals } from './refusals.ts'
import { eventDefinitions } from './registry.ts'
import {
  acceptanceWords,
  actorWords,
  amountStatusWords,
  conditionWords,
  confidenceWords,
  consentActWords,
  dataMemberWords,
  directionWords,
  dueWords,
  endingWords,
  envelopeMemberWords,
  erasureStateWords,
  type FromText,
  fieldWords,
  financeTypeWords,
  flagWords,
  formWords,
  fromTexts,
  fundingNeedWords,
  groupWords,
  kindWords,
  languageWords,
  outcomeWords,
  portfolioMemberWords,
  problemWords,
  refusalTexts,
  relationWords,
  remainderWords,
  resolutionWords,
  roleWords,
  severityWords,
  stageWords,
  statusMemberWords,
  type Wording,
  type WordLanguage,
  type WordTable,
  whyNotWords,
} from './words/index.ts'

/** The words of a type of event; `from` says in which stages it is possible. */
export type EventTypeWords = Readonly<Record<WordLanguage, Wording & { readonly from: string }>>

/** Also of the record of an erasure, which is in the log although nobody sends it. */
const eventTypeWords: Readonly<Record<string, EventTypeWords>> = Object.fromEntries(
  [...eventDefinitions, erased].map(({ type, words, from }) => [type, withFrom(words, from)]),
)

function withFrom({ en, vi, ko }: (typeof eventDefinitions)[number]['words'], from: FromText): EventTypeWords {
  return {
    en: { ...en, from },
    vi: { ...vi, from: fromTexts[from].vi },
    ko: { ...ko, from: fromTexts[from].ko },
  }
}

/** Why an event is refused, and what to do then. */
export const refusalWords = problemWords(refusals, refusalTexts)

/** Every code of the domain with its words, by group. */
export const domainVocabulary = {
  stages: stageWords,
  endings: endingWords,
  conditions: conditionWords,
  kinds: kindWords,
  fundingNeeds: fundingNeedWords,
  fields: fieldWords,
  roles: roleWords,
  relations: relationWords,
  forms: formWords,
  consentActs: consentActWords,
  financeTypes: financeTypeWords,
  amountStatuses: amountStatusWords,
  remainders: remainderWords,
  outcomes: outcomeWords,
  resolutions: resolutionWords,
  directions: directionWords,
  confidences: confidenceWords,
  severities: severityWords,
  flags: flagWords,
  dueDates: dueWords,
  languages: languageWords,
  eventTypes: eventTypeWords,
  erasureStates: erasureStateWords,
  eventGroups: groupWords,
  acceptances: acceptanceWords,
  actors: actorWords,
  whyNotPlanned: whyNotWords,
  members: { ...envelopeMemberWords, ...dataMemberWords, ...statusMemberWords, ...portfolioMemberWords },
} as const satisfies Readonly<Record<string, WordTable>>

const typesByData = new Map(eventDefinitions.map(({ type, data }) => [data.meta()?.id, type]))

/**
 * What a member of a component of the OpenAPI documents means, in English: the entry of `members` for the component or its type of event, otherwise
 * the one for the name.
 */
export function meaningOfMember(component: string, member: string): string | undefined {
  const members: WordTable = domainVocabulary.members
  const type = typesByData.get(component)
  return (members[`${component}.${member}`] ?? members[`${type}.${member}`] ?? members[member])?.en.description
}
