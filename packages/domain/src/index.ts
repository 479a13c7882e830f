export * from './agenda.ts'
export * from './agreement.ts'
export * from './condition.ts'
export * from './countries.ts'
export * from './currencies.ts'
export * from './dates.ts'
export * from './decide.ts'
export * from './define-event.ts'
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
export * from './evolve.ts'
export * from './funding.ts'
export * from './kinds.ts'
export { languageFault } from './languages.ts'
export * from './line.ts'
export * from './money.ts'
export * from './parties.ts'
export * from './period.ts'
export * from './proposal.ts'
export * from './refusals.ts'
export * from './registry.ts'
export { Field, LocalId, limits, PartyId, ProposalId } from './schema.ts'
export * from './status.ts'
export { LanguageMap, LongLanguageMap, searchText } from './texts.ts'
