export * from './accounts.ts'
export * from './acts.ts'
export * from './agenda.ts'
export * from './agreement.ts'
export { bounds } from './bounds.ts'
export * from './condition.ts'
export * from './countries.ts'
export * from './currencies.ts'
export * from './dates.ts'
export * from './decide.ts'
export * from './define-event.ts'
export * from './describe.ts'
export * from './envelope.ts'
export * from './event-schemas.ts'
export {
  definitionOf,
  type EventData,
  type EventToRecord,
  type EventType,
  eventTypes,
} from './event-types.ts'
export * from './evidence.ts'
export { evolve, evolveIfLast, type Impossibility, ImpossibleHistory, WholeStreamNeeded } from './evolve.ts'
export * from './figures.ts'
export * from './funding.ts'
export { asOfSteps, foldAsOf, foldingAsOf, type Moment, proposalAt } from './history/as-of.ts'
export { type Broken } from './history/at-its-place.ts'
export { brokenEvents } from './history/broken.ts'
export {
  type Change,
  type ChangesPage,
  changesAfter,
  changesOf,
  type FieldChanges,
  type PageOfChanges,
} from './history/changes.ts'
export { byRecordUntil, type Counting, countsOnEveryDay, neverComes, orderOf } from './history/dating.ts'
export { type Annotation, annotations, effectiveHistory } from './history/effective.ts'
export { countsFrom, daysOfCounting, foldingStream, foldStream, inOrder, type Read } from './history/fold.ts'
export { instantOf, knownAt } from './history/known-at.ts'
export type { RereadingEvent } from './history/rereading.ts'
export * from './kinds.ts'
export * from './knowledge.ts'
export { languageFault } from './languages.ts'
export * from './line.ts'
export * from './money.ts'
export * from './money-status.ts'
export * from './origin.ts'
export { parseErrors } from './parse-errors.ts'
export * from './parties.ts'
export * from './party-names.ts'
export * from './period.ts'
export { printable } from './printable.ts'
export * from './proposal.ts'
export * from './refusals.ts'
export * from './registry.ts'
export * from './relations.ts'
export { roomForBytes } from './room.ts'
export * from './schedule.ts'
export { Field, LocalId, limits, PartyId, ProposalId } from './schema.ts'
export { isFound, type SearchWord, searchedOfSummary, searchOf, searchText, searchWords } from './search.ts'
export { Signature } from './signature.ts'
export * from './slices.ts'
export { keepingActs, maySpeak, type NotAllowed, type Permission, type Speaker } from './speaking.ts'
export * from './status.ts'
export { LanguageMap, LongLanguageMap } from './texts.ts'
export * from './vocabulary.ts'
export * from './words/index.ts'
