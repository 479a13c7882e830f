import {
  decide,
  describeEventTypes,
  describeKinds,
  type EventBody,
  eventTypes,
  foldStream,
  kinds,
  type Proposal,
  type RecordedEvent,
  statusOf,
} from '@commitments/domain'
import {
  agreed,
  delivered,
  example,
  exampleDay,
  exampleNow,
  exampleZone,
  funded,
  otherProposal,
  proposed,
  recorded,
  search,
} from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'
import type { Status } from '../src/proposal/status.ts'
import { isPossible } from '../src/record/possible.ts'

const types = describeEventTypes()
const profiles = describeKinds()
const evidence = [{ title: 'Minutes', supports: 'It took place.' }]
/** One body of each type, and further ones for the acts. */
const bodies: readonly EventBody[] = [
  ...eventTypes.filter((type) => type !== 'proposed').map((type) => example(type)),
  agreed(),
  funded(),
  delivered({}, { evidence }),
  example('linked', { relation: 'agreed-at', other: 'other' }),
].map((body) => ({ ...body, evidence }))

const usual = [agreed(), funded(), example('tranche-planned'), example('disbursed'), delivered({}, { evidence })]
/** The usual course of a commitment, or a part of it, and anything after that. */
const tried = fc
  .tuple(fc.subarray(usual), fc.array(fc.constantFrom(...bodies), { maxLength: 10 }))
  .map(([course, more]) => [...course, ...more])

const world = (history: readonly RecordedEvent[]) => ({
  futureBegins: '2026-11-24' as const,
  now: exampleNow,
  timeZone: exampleZone,
  find: (id: string) => (id === 'other' ? otherProposal('other', proposed()) : null),
  history: () => history,
})

function isAccepted(before: Proposal, history: readonly RecordedEvent[], body: EventBody): boolean {
  return decide(before, { ...body, proposalId: 'joint-laboratory' }, world(history)).outcome === 'accepted'
}

function offered(type: string, proposal: Proposal): boolean {
  const description = types.find((one) => one.type === type)
  if (description === undefined) throw new Error(type)
  return isPossible(description, statusOf(proposal, exampleDay, exampleZone) as Status, profiles)
}

t.test('whatever would be accepted is offered first, for every kind and in every state', (t) => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.constantFrom(...kinds), tried, (kind, steps) => {
      const history = [recorded(proposed({ kind }))]
      for (const [step, body] of [...steps, null].entries()) {
        const before = foldStream(history, exampleZone) as Proposal
        for (const one of bodies) {
          if (!isAccepted(before, history, one)) continue
          seen.add(one.type)
          if (!offered(one.type, before)) throw new Error(`${one.type} is accepted at step ${step} of ${kind}`)
        }
        if (body !== null && isAccepted(before, history, body))
          history.push(recorded(body, { version: history.length + 1 }))
      }
    }),
    search(t, 100),
  )
  t.same(
    eventTypes.filter((type) => type !== 'proposed' && !seen.has(type)),
    [],
    'every type was accepted somewhere',
  )
  t.end()
})

t.test('what the kind rules out is not offered first', (t) => {
  const state = (kind: (typeof kinds)[number], ...later: EventBody[]) =>
    foldStream(
      [proposed({ kind }), ...later].map((body, at) => recorded(body, { version: at + 1 })),
      exampleZone,
    ) as Proposal
  t.equal(offered('funded', state('treaty', agreed())), false)
  t.equal(offered('funded', state('system', agreed())), true)
  t.equal(offered('delivered', state('joint-research', agreed())), false)
  t.equal(offered('delivered', state('joint-research', agreed(), funded())), true)
  t.equal(offered('delivered', state('forum')), true)
  for (const kind of ['committee-session', 'forum', 'working-meeting'] as const)
    t.equal(offered('agenda-set', state(kind)), true, kind)
  t.equal(offered('agenda-set', state('system')), false)
  t.end()
})
