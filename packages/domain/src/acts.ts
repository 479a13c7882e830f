import type { Proposal } from './proposal.ts'
import type { actorWords } from './words/event-types.ts'
import type { CodeOf } from './words/words.ts'

/**
 * Says who acts in an event of one type. A key that is bound to a party records only acts of that party (speaking.ts).
 *
 * - `anybody`: it states what somebody knows or claims, and nobody acts; the asserting party says so.
 * - `a-party`: an act within the proposal that names nobody; the actor is one of the proposal's parties.
 * - `whose-events`: it changes how other events are read, and is an act of those whose events they are.
 * - otherwise: an act of those that it names.
 */
export type Acts<Data = unknown, Before = Proposal | null> = UnnamedActs | NamedActs<Data, Before>
export type Actor = CodeOf<typeof actorWords>
export type UnnamedActs = Exclude<Actor, 'named'>

export interface NamedActs<Data = unknown, Before = Proposal | null> {
  /** The same for people: continues the words "an act of …". */
  readonly who: string
  /** Each of them acts separately, and one of them cannot record it for the others, even with evidence. */
  readonly each?: true
  /**
   * Computed on the state before the event. Empty: it is an act of one of the proposal's parties. Null: of somebody else, and no key is
   * bound to them.
   */
  parties(data: Data, proposal: Before): readonly string[] | null
}

/** The provider of a funding line; empty if there is no such line. */
export function providerOf({ lines }: Proposal, id: string): string[] {
  return lines.flatMap(({ line, provider }) => (line === id ? [provider] : []))
}

/** The receiver of a funding line; empty if there is no such line. */
export function receiverOf({ lines }: Proposal, id: string | undefined): string[] {
  return lines.flatMap(({ line, receiver }) => (line === id ? [receiver] : []))
}

/** What a key that is bound to a party can do with an event of this type, for people. */
export function actsText(acts: Acts): string {
  if (acts === 'anybody')
    return 'It is a statement and not an act: a key that is bound to a party records it in the name of its party.'
  if (acts === 'a-party')
    return 'A key that is bound to a party may record it on proposals in which its party takes part.'
  if (acts === 'whose-events')
    return 'A key that is bound to a party may name only events that it recorded or that its party asserted, unless it has the scope `correct`.'
  const together = acts.each
    ? 'and not at all if other parties act with it'
    : 'with evidence if other parties act with it'
  return `It is an act of ${acts.who}: a key that is bound to a party may record it for that party only, ${together}.`
}
