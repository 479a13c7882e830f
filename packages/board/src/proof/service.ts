/** What the checks ask of the service. */
import type { AnswerTo } from '@commitments/client'
import { ask, askLine, askNow, askText } from '../data/ask.ts'
import type { Service } from './check.ts'
import type { ProvenEvent } from './events.ts'

type EventPage = AnswerTo<'/v1/proposals/{proposalId}/events'>

/** The most events of one answer. */
const atOnce = 1_000

export function serviceUntil(signal: AbortSignal): Service {
  return {
    checkpoint: async () => (await askNow(askText('/log/checkpoint'), signal)).value,
    vkeys: async () => (await askNow(askText('/log/vkey'), signal)).value,
    consistency: async (from, to) => (await askNow(ask('/v1/log/proofs/consistency', { from, to }), signal)).value,
    forks: async () => (await askNow(ask('/v1/log/forks'), signal)).value.forks,
    line: (position) => askLine(position, signal),
    proven: async (proposalId) => {
      const found: ProvenEvent[] = []
      for (let after: number | null = 0; after !== null; ) {
        const asked = { after, limit: atOnce, proof: 'true' } as const
        const answer: EventPage = (
          await askNow(ask('/v1/proposals/{proposalId}/events', asked, { proposalId }), signal)
        ).value
        found.push(...answer.events)
        after = answer.next
      }
      return found
    },
  }
}
